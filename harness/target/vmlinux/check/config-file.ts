// SPDX-License-Identifier: MIT
/** A kernel's `.config`: symbols that are on, built in or as a module (linux 7.2 scripts/kconfig/confdata.c). */

/** Symbol without `CONFIG_` → value. What is `n`, not set or not mentioned is not in there. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)) {
    if (value !== 'n') settings.set(name, value);
  }
  return settings;
}
