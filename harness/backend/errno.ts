// SPDX-License-Identifier: MIT
/** Errno values the ftrace API returns (linux 7.2 include/uapi/asm-generic/errno-base.h, errno.h, include/linux/errno.h). */

export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOSPC: 28,
  EILSEQ: 84,
  EOPNOTSUPP: 95,
  EADDRNOTAVAIL: 99,
  ENOTSUPP: 524,
} as const;

export type Errno = keyof typeof ERRNO;

/** `-22` → `-EINVAL`; other numbers in decimal. */
export function errnoName(code: number): string {
  const name = (Object.keys(ERRNO) as Errno[]).find((candidate) => ERRNO[candidate] === -code);
  return name ? `-${name}` : String(code);
}
