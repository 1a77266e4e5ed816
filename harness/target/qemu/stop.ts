// SPDX-License-Identifier: MIT
/** Stop replies (GDB manual, "Stop Reply Packets"): why the guest does not run, or is no more. */

export type RemoteStop =
  /** `T05thread:…;`, `S05`. The number is GDB's own for the signal (GDB include/gdb/signals.def). */
  | { readonly kind: 'signal'; readonly signal: number }
  /** `W00`: the process has ended. */
  | { readonly kind: 'exited'; readonly status: number }
  /** `X0b`: a signal has ended the process. */
  | { readonly kind: 'killed'; readonly signal: number };

/** Signals that a guest stops with, by GDB's numbers; Linux has another one for SIGBUS. */
export const SIGNAL = { quit: 3, illegal: 4, trap: 5, arithmetic: 8, bus: 10, segment: 11 } as const;

const FORM =
  /^(?:T([0-9a-f]{2})(?:[^:;]+:[^;]*;)*|S([0-9a-f]{2})|([WX])([0-9a-f]{2})(?:;process:[0-9a-f]+)?)$/;

/** `null`: no stop reply. */
export function parseStop(text: string): RemoteStop | null {
  const [whole, stopped, only, end, code = ''] = FORM.exec(text) ?? [];
  if (whole === undefined) return null;
  const number = Number.parseInt(stopped ?? only ?? code, 16);
  if (end === 'W') return { kind: 'exited', status: number };
  return { kind: end === 'X' ? 'killed' : 'signal', signal: number };
}
