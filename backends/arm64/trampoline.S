/* SPDX-License-Identifier: MIT */
/*
 * arm64 entry trampolines, return hook, kretprobe trampoline and direct-call stubs.
 *
 * The call site is MOV X9, X30 ; BL ftrace_caller, so here x9 is the traced function's return address and
 * x30 the address after the BL. x0-x8, x18-x29 and SP are live; x10-x17 are free (PLTs use x16, x17).
 * Facts: linux 6.1, 6.12, 7.2 arch/arm64/kernel/entry-ftrace.S, arch/arm64/include/asm/ftrace.h.
 * WITH_ARGS is 6.12 and 7.2, which are alike; without it this is 6.1, where ftrace_regs is a pt_regs.
 * FREGS_*, PT_*, FTRACE_OPS_*: layout.ts.
 */

	.text

/* x0-x7 to or from consecutive words at \base + \offset. */
	.macro	argument_registers op, base, offset=0
	\op	x0, x1, [\base, #\offset + 0]
	\op	x2, x3, [\base, #\offset + 16]
	\op	x4, x5, [\base, #\offset + 32]
	\op	x6, x7, [\base, #\offset + 48]
	.endm

/* x10-x27 to or from a pt_regs at SP. */
	.macro	other_registers op
	\op	x10, x11, [sp, #PT_X10]
	\op	x12, x13, [sp, #PT_X12]
	\op	x14, x15, [sp, #PT_X14]
	\op	x16, x17, [sp, #PT_X16]
	\op	x18, x19, [sp, #PT_X18]
	\op	x20, x21, [sp, #PT_X20]
	\op	x22, x23, [sp, #PT_X22]
	\op	x24, x25, [sp, #PT_X24]
	\op	x26, x27, [sp, #PT_X26]
	.endm

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
/*
 * ftrace_caller: calls ops->func(ip, parent_ip, ops, fregs) and continues where fregs say.
 */
	.globl	ftrace_caller
ftrace_caller:
	bti	c

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_CALL_OPS
	/*
	 * The ops literal is 8 bytes before F. x30 is F+8, or F+12 behind a landing pad: cleared to a
	 * multiple of 8 it is F+8 either way.
	 */
	bic	x11, x30, #7
	ldr	x11, [x11, #-16]
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	/* A lone direct ops out of BL range: go there at once, nothing saved. */
	ldr	x17, [x11, #FTRACE_OPS_DIRECT_CALL]
	cbnz	x17, ftrace_caller_direct
#endif
#endif

	/* struct ftrace_regs, and above it two frame records. */
	mov	x10, sp
	sub	sp, sp, #(FREGS_SIZE + 32)

	argument_registers stp, sp, FREGS_X0
	str	x8, [sp, #FREGS_X8]
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	str	xzr, [sp, #FREGS_DIRECT_TRAMP]
#endif
	str	x29, [sp, #FREGS_FP]
	str	x9, [sp, #FREGS_LR]
	str	x10, [sp, #FREGS_SP]
	str	x30, [sp, #FREGS_PC]

	/* The caller's frame, then the traced function's: the unwinder sees both. */
	stp	x29, x9, [sp, #FREGS_SIZE + 16]
	add	x29, sp, #FREGS_SIZE + 16
	stp	x29, x30, [sp, #FREGS_SIZE]
	add	x29, sp, #FREGS_SIZE

	sub	x0, x30, #4			/* ip */
	mov	x1, x9				/* parent_ip */
	mov	x3, sp				/* fregs */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_CALL_OPS
	mov	x2, x11				/* ops */
	ldr	x4, [x2, #FTRACE_OPS_FUNC]
	blr	x4
#else
	adrp	x2, function_trace_op
	ldr	x2, [x2, #:lo12:function_trace_op]
	.globl	ftrace_call
ftrace_call:
	bl	ftrace_stub			/* patched */
#endif

	argument_registers ldp, sp, FREGS_X0
	ldr	x8, [sp, #FREGS_X8]
	ldr	x29, [sp, #FREGS_FP]
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	ldr	x17, [sp, #FREGS_DIRECT_TRAMP]
	cbnz	x17, ftrace_caller_direct_late
#endif
	ldr	x30, [sp, #FREGS_LR]
	ldr	x9, [sp, #FREGS_PC]
	add	sp, sp, #FREGS_SIZE + 32	/* a changed fregs->sp is ignored */
	ret	x9

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	/* Beside other ops: hand over as the call site would have, x9 = return address, x30 = body. */
ftrace_caller_direct_late:
	ldr	x9, [sp, #FREGS_LR]
	ldr	x30, [sp, #FREGS_PC]
	add	sp, sp, #FREGS_SIZE + 32
ftrace_caller_direct:
	br	x17
#endif

#else /* !CONFIG_DYNAMIC_FTRACE_WITH_ARGS */
/*
 * A pt_regs and above it a frame record. x0-x8 and x9, which is the return address; with \all also
 * x10-x28; x29, lr, sp and pc. The rest of the structure is left as the stack had it.
 */
	.macro	ftrace_regs_entry all=0
	bti	c
	sub	sp, sp, #(PT_REGS_SIZE + 16)
	argument_registers stp, sp, PT_X0
	stp	x8, x9, [sp, #PT_X8]
	.if	\all
	other_registers stp
	stp	x28, x29, [sp, #PT_X28]
	.else
	str	x29, [sp, #PT_X29]
	.endif
	add	x10, sp, #(PT_REGS_SIZE + 16)
	stp	x9, x10, [sp, #PT_X30]		/* lr, sp */
	str	x30, [sp, #PT_PC]

	/* The caller's frame, then the traced function's: the unwinder sees both. */
	stp	x29, x9, [sp, #PT_REGS_SIZE]
	add	x29, sp, #PT_REGS_SIZE
	stp	x29, x30, [sp, #PT_STACKFRAME_FP]
	add	x29, sp, #PT_STACKFRAME_FP
	.endm

/* ftrace_regs_caller, ftrace_caller: with and without SAVE_REGS. Both go on in ftrace_common. */
	.globl	ftrace_regs_caller
ftrace_regs_caller:
	ftrace_regs_entry 1
	b	ftrace_common

	.globl	ftrace_caller
ftrace_caller:
	ftrace_regs_entry

ftrace_common:
	sub	x0, x30, #4			/* ip */
	mov	x1, x9				/* parent_ip */
	adrp	x2, function_trace_op
	ldr	x2, [x2, #:lo12:function_trace_op]
	mov	x3, sp				/* regs */
	.globl	ftrace_call
ftrace_call:
	bl	ftrace_stub			/* patched: one call serves both */

	/* What was not needed is not restored either: x10-x28 are as the callback leaves them. */
	argument_registers ldp, sp, PT_X0
	ldr	x8, [sp, #PT_X8]
	ldr	x29, [sp, #PT_X29]
	ldr	x30, [sp, #PT_X30]
	ldr	x9, [sp, #PT_PC]
	add	sp, sp, #(PT_REGS_SIZE + 16)	/* a changed regs->sp is ignored */
	ret	x9
#endif

	.globl	ftrace_stub
ftrace_stub:
	bti	c
	ret

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
/* A direct-call target that only resumes the body. */
	.globl	ftrace_stub_direct_tramp
ftrace_stub_direct_tramp:
	bti	c
	mov	x10, x30
	mov	x30, x9
	ret	x10
#endif

#ifdef CONFIG_FUNCTION_GRAPH_TRACER
/*
 * return_to_handler: where a graph-traced function returns to. x0-x7 may all be results (firmware
 * calls return more than two). x29 is the caller's; no frame record is built. 6.1 knows no fregs at exit.
 */
	.globl	return_to_handler
return_to_handler:
#if defined(CONFIG_HAVE_FUNCTION_GRAPH_FREGS) && defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
	sub	sp, sp, #FREGS_SIZE
	argument_registers stp, sp, FREGS_X0
	str	x29, [sp, #FREGS_FP]

	mov	x0, sp				/* fregs */
	bl	ftrace_return_to_handler
	mov	x30, x0				/* original return address */

	argument_registers ldp, sp, FREGS_X0
	add	sp, sp, #FREGS_SIZE
	ret
#else
	sub	sp, sp, #64
	argument_registers stp, sp

	mov	x0, x29				/* frame pointer */
	bl	ftrace_return_to_handler
	mov	x30, x0				/* the true parent */

	argument_registers ldp, sp
	add	sp, sp, #64
	ret
#endif
#endif

#ifdef CONFIG_KRETPROBES
/*
 * __kretprobe_trampoline: where a function with a kretprobe returns to (linux 6.1, 6.12, 7.2
 * arch/arm64/kernel/probes/kprobes_trampoline.S). x30 is this address.
 */
	.globl	__kretprobe_trampoline
__kretprobe_trampoline:
#ifdef CONFIG_KRETPROBE_BRK
	brk	#7				/* the exception entry builds the pt_regs */
#else
	sub	sp, sp, #PT_REGS_SIZE
	argument_registers stp, sp, PT_X0
	stp	x8, x9, [sp, #PT_X8]
	other_registers stp
	stp	x28, x29, [sp, #PT_X28]
	add	x0, sp, #PT_REGS_SIZE
	stp	x30, x0, [sp, #PT_X30]		/* lr, sp */

	/* A PSTATE as an exception would have saved it; pc is left to C. */
	mrs	x0, nzcv
	mrs	x1, daif
	orr	x0, x0, x1
	mrs	x1, CurrentEL
	orr	x0, x0, x1
	mrs	x1, SPSel
	orr	x0, x0, x1
	stp	xzr, x0, [sp, #PT_PC]

	/* {x29, x30} in the pt_regs serve as frame record. */
	add	x29, sp, #PT_X29
	mov	x0, sp
	bl	rethook_handler
	mov	x30, x0				/* the true return address */

	ldr	x0, [sp, #PT_PSTATE]
	and	x0, x0, #0xf0000000
	msr	nzcv, x0
	argument_registers ldp, sp, PT_X0
	ldp	x8, x9, [sp, #PT_X8]
	other_registers ldp
	ldp	x28, x29, [sp, #PT_X28]
	add	sp, sp, #PT_REGS_SIZE
	ret
#endif
#endif

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
/*
 * direct_tramp_N: a hand-written direct trampoline as the kernel's samples have it. Entered as from a call
 * site (x9 = return address, x30 = body): saves the arguments, calls direct_func_N, resumes the body.
 */
	.macro	direct_trampoline n
	.globl	direct_tramp_\n
direct_tramp_\n:
	bti	c
	sub	sp, sp, #112
	stp	x29, x9, [sp, #96]
	add	x29, sp, #96
	str	x30, [sp, #DIRECT_SELF_IP]
	argument_registers stp, sp
	str	x8, [sp, #64]
	bl	direct_func_\n
	argument_registers ldp, sp
	ldr	x8, [sp, #64]
	ldr	x10, [sp, #DIRECT_SELF_IP]
	ldp	x29, x30, [sp, #96]
	add	sp, sp, #112
	ret	x10
	.endm

	direct_trampoline 0
	direct_trampoline 1
	direct_trampoline 2
	direct_trampoline 3

/*
 * BPF trampolines as the JIT builds them (linux 7.2 arch/arm64/net/bpf_jit_comp.c): two frame records,
 * the program context with eight register arguments, four stack arguments and the return value.
 *   sp + 0   stack arguments handed on to the original (images that call it only)
 *   sp + 32  x19, x20
 *   sp + 48  resume address, whether the body has returned; x0-x7; stack arguments; return value
 * The body's address is always the one that the site left, also where the function may be livepatched.
 */
#define BPF_FRAME	(32 + 16 + 16 + 112)
#define BPF_SAVED	32
#define BPF_CTX		64

	.macro	bpf_prologue
	bti	jc
	stp	x29, x9, [sp, #-16]!
	mov	x29, sp
	stp	x29, x30, [sp, #-16]!
	mov	x29, sp
	sub	sp, sp, #BPF_FRAME
	stp	x19, x20, [sp, #BPF_SAVED]
	str	x30, [sp, #BPF_CTX + BPF_SELF_IP]
	str	xzr, [sp, #BPF_CTX + BPF_IS_RETURN]
	argument_registers stp, sp, BPF_CTX
	ldp	x10, x11, [x29, #32]		/* S+0, S+8 */
	stp	x10, x11, [sp, #BPF_CTX + 64]
	ldp	x10, x11, [x29, #48]
	stp	x10, x11, [sp, #BPF_CTX + 80]
	str	xzr, [sp, #BPF_CTX + BPF_RETURN]
	mov	x19, x8
	.endm

	.macro	bpf_run function
	add	x0, sp, #BPF_CTX
	bl	\function
	.endm

	/*
	 * The programs of a place, each between __bpf_prog_enter_recur() and __bpf_prog_exit_recur(): x20 holds the start time,
	 * 0 where the program is passed over. The JIT unrolls the loop; here the helper behind a program tells whether another
	 * one follows.
	 */
	.macro	bpf_programs n, place
1:	add	x0, sp, #BPF_CTX
	bl	bpf_enter_func_\n
	mov	x20, x0
	cbz	x0, 2f
	bpf_run	bpf_\place\()_func_\n
2:	add	x0, sp, #BPF_CTX
	mov	x1, x20
	bl	bpf_leave_func_\n
	cbnz	x0, 1b
	.endm

	/* Back to SP = S with x9 = return address, x30 = body. */
	.macro	bpf_epilogue
	ldp	x19, x20, [sp, #BPF_SAVED]
	add	sp, sp, #BPF_FRAME
	ldp	x29, x30, [sp], #16
	ldp	x29, x9, [sp], #16
	.endm

	/*
	 * The programs that may modify the return value, one after the other: the first result that is not 0 is it, and
	 * the body is passed over. The JIT unrolls the loop; x20, which counts, holds the start time there.
	 */
	.macro	bpf_modify_return n, exit
	str	xzr, [sp, #BPF_CTX + BPF_RETURN]
	adrp	x20, bpf_mod_links_\n
	ldr	x20, [x20, #:lo12:bpf_mod_links_\n]
1:	mov	x1, x20
	bpf_run	bpf_mod_func_\n
	str	x0, [sp, #BPF_CTX + BPF_RETURN]
	ldr	x10, [sp, #BPF_CTX + BPF_RETURN]
	cbnz	x10, \exit
	sub	x20, x20, #1
	cbnz	x20, 1b
	.endm

	/* The body, called as if returned to; x1 of its result is lost. */
	.macro	bpf_call_original label
	ldp	x10, x11, [sp, #BPF_CTX + 64]
	stp	x10, x11, [sp]
	ldp	x10, x11, [sp, #BPF_CTX + 80]
	stp	x10, x11, [sp, #16]
	argument_registers ldp, sp, BPF_CTX
	mov	x8, x19
	ldr	x10, [sp, #BPF_CTX + BPF_SELF_IP]
	adr	x30, \label
	ret	x10
\label:
	str	x0, [sp, #BPF_CTX + BPF_RETURN]
	.endm

	/* Behind the body: the exit programs, and back to the parent. */
	.macro	bpf_exit n
	mov	x10, #1
	str	x10, [sp, #BPF_CTX + BPF_IS_RETURN]
	bpf_programs \n, exit
	ldr	x0, [sp, #BPF_CTX + BPF_RETURN]
	bpf_epilogue
	mov	x30, x9
	ret	x9
	.endm

	.macro	bpf_trampoline n
	/* Entry programs only: the body runs as the caller called it. */
	.globl	bpf_fentry_\n
bpf_fentry_\n:
	bpf_prologue
	bpf_programs \n, entry
	argument_registers ldp, sp, BPF_CTX
	mov	x8, x19
	bpf_epilogue
	mov	x10, x30
	mov	x30, x9
	ret	x10

	/* With exit programs: the trampoline calls the body itself and returns to the parent. */
	.globl	bpf_fexit_\n
bpf_fexit_\n:
	bpf_prologue
	bpf_programs \n, entry
	bpf_call_original bpf_fexit_\n\()_called
	bpf_exit \n

	/* With programs that may modify the return value, too. */
	.globl	bpf_fmod_\n
bpf_fmod_\n:
	bpf_prologue
	bpf_programs \n, entry
	bpf_modify_return \n, bpf_fmod_\n\()_exit
	bpf_call_original bpf_fmod_\n\()_called
bpf_fmod_\n\()_exit:
	bpf_exit \n
	.endm

	bpf_trampoline 0
	bpf_trampoline 1
	bpf_trampoline 2
	bpf_trampoline 3
#endif
