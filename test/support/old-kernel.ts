/**
 * The system calls of RHEL 7.3's kernel (3.10.0-514) on x86-64, by number: those of Linux 3.10
 * (arch/x86/syscalls/syscall_64.tbl, which ends with 313, finit_module), and what Red Hat took over from later kernels.
 */
export const LAST_CALL = 313;
/** renameat2, memfd_create, kexec_file_load and userfaultfd. */
export const LATER_CALLS = [316, 319, 320, 323];

export function isInOldKernel(call: number): boolean {
  return call <= LAST_CALL || LATER_CALLS.includes(call);
}
