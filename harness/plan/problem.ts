// SPDX-License-Identifier: MIT
/**
 * What a person did wrong or a machine lacks: a message that says what was expected and how to mend it,
 * and the exit code. Never shown with a stack trace.
 */
import { EXIT, type ExitCode } from '../compare/exit-codes.js';

export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    message: string,
    readonly exit: ExitCode = EXIT.usage,
  ) {
    super(message);
  }
  /** Text for stderr. */
  render(): string {
    return `error: ${this.message}`;
  }
}

/** Several at once, each told once. */
export class Problems extends Problem {
  constructor(readonly texts: readonly string[]) {
    super(texts.join('\n\n'));
  }
  override render(): string {
    const unique = [...new Set(this.texts)];
    return unique.length === 1 ? (unique[0] as string) : `${unique.join('\n\n')}\n\n${unique.length} errors`;
  }
}

/** Text of any error for a person: its own rendering where it has one. */
export function rendered(error: unknown): string {
  if (error instanceof Error && 'render' in error && typeof error.render === 'function') {
    return String(error.render());
  }
  return `error: ${error instanceof Error ? error.message : String(error)}`;
}

/** Whether an error carries a text meant for people. */
export function isRenderable(error: unknown): boolean {
  return error instanceof Error && 'render' in error && typeof error.render === 'function';
}
