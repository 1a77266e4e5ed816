/* SPDX-License-Identifier: MIT */
/*
 * arm64 entry trampoline, return hook and direct-call stubs.
 *
 * The call site is MOV X9, X30 ; BL ftrace_caller, so here x9 is the traced function's return address and
 * x30 the address after the BL. x0-x8, x18-x29 and SP are live; x10-x17 are free (PLTs use x16, x17).
 * Facts: linux 7.2 arch/arm64/kernel/entry-ftrace.S, arch/arm64/include/asm/ftrace.h.
 * FREGS_*, FTRACE_OPS_*: layout.ts.
 */

	.text

/* x0-x7 to or from consecutive words at \base + \offset. */
	.macro	argument_registers op, base, offset=0
	\op	x0, x1, [\base, #\offset + 0]
	\op	x2, x3, [\base, #\offset + 16]
	\op	x4, x5, [\base, #\offset + 32]
	\op	x6, x7, [\base, #\offset + 48]
	.endm

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

	.globl	ftrace_stub
ftrace_stub:
	bti	c
	ret

/* A direct-call target that only resumes the body. */
	.globl	ftrace_stub_direct_tramp
ftrace_stub_direct_tramp:
	bti	c
	mov	x10, x30
	mov	x30, x9
	ret	x10

#ifdef CONFIG_FUNCTION_GRAPH_TRACER
/*
 * return_to_handler: where a graph-traced function returns to. x0-x7 may all be results (firmware
 * calls return more than two). x29 is the caller's; no frame record is built.
 */
	.globl	return_to_handler
return_to_handler:
	sub	sp, sp, #FREGS_SIZE
	argument_registers stp, sp, FREGS_X0
	str	x29, [sp, #FREGS_FP]

	mov	x0, sp				/* fregs */
	bl	ftrace_return_to_handler
	mov	x30, x0				/* original return address */

	argument_registers ldp, sp, FREGS_X0
	add	sp, sp, #FREGS_SIZE
	ret
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
 *   sp + 0   stack arguments handed on to the original (fexit only)
 *   sp + 32  x19, x20
 *   sp + 48  resume address, pad; x0-x7, x8-slot free; stack arguments; return value
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
	argument_registers stp, sp, BPF_CTX
	ldp	x10, x11, [x29, #32]		/* S+0, S+8 */
	stp	x10, x11, [sp, #BPF_CTX + 64]
	ldp	x10, x11, [x29, #48]
	stp	x10, x11, [sp, #BPF_CTX + 80]
	str	xzr, [sp, #BPF_CTX + BPF_RETURN]
	mov	x19, x8
	.endm

	/* Back to SP = S with x9 = return address, x30 = body. */
	.macro	bpf_epilogue
	ldp	x19, x20, [sp, #BPF_SAVED]
	add	sp, sp, #BPF_FRAME
	ldp	x29, x30, [sp], #16
	ldp	x29, x9, [sp], #16
	.endm

	.macro	bpf_trampoline n
	/* Entry programs only: the body runs as the caller called it. */
	.globl	bpf_fentry_\n
bpf_fentry_\n:
	bpf_prologue
	add	x0, sp, #BPF_CTX
	bl	bpf_entry_func_\n
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
	add	x0, sp, #BPF_CTX
	bl	bpf_entry_func_\n
	ldp	x10, x11, [sp, #BPF_CTX + 64]
	stp	x10, x11, [sp]
	ldp	x10, x11, [sp, #BPF_CTX + 80]
	stp	x10, x11, [sp, #16]
	argument_registers ldp, sp, BPF_CTX
	mov	x8, x19
	ldr	x10, [sp, #BPF_CTX + BPF_SELF_IP]
	adr	x30, bpf_fexit_\n\()_called
	ret	x10
bpf_fexit_\n\()_called:
	str	x0, [sp, #BPF_CTX + BPF_RETURN]
	add	x0, sp, #BPF_CTX
	bl	bpf_exit_func_\n
	ldr	x0, [sp, #BPF_CTX + BPF_RETURN]	/* x1 is lost */
	bpf_epilogue
	mov	x30, x9
	ret	x9
	.endm

	bpf_trampoline 0
	bpf_trampoline 1
	bpf_trampoline 2
	bpf_trampoline 3
#endif
