/* SPDX-License-Identifier: MIT */
/*
 * powerpc entry trampolines, return hook, hooked-return trampoline and direct-call stubs, 64-bit ELFv2.
 *
 * A call site is MFLR r0 ; BL, in the function or in its stub: here r0 is the traced function's return address and LR
 * the address behind the BL. r3-r10, r14-r31 and r1 are live, r2 is the function's TOC and r13 the PACA; r11, r12, CTR,
 * XER and CR0, CR1, CR5-CR7 are free. r0 is live to the end: where an instruction takes r0 for 0, it is not used.
 * Facts: linux 6.1 arch/powerpc/kernel/trace/ftrace_mprofile.S, linux 6.12 and 7.2
 * arch/powerpc/kernel/trace/ftrace_entry.S. Offsets and frame sizes: layout.ts.
 */

#ifdef __ASSEMBLER__
/* An assembler that has no bare register names; the kernel does the same in asm/ppc_asm.h. */
#define r0	%r0
#define r1	%r1
#define r2	%r2
#define r3	%r3
#define r4	%r4
#define r5	%r5
#define r6	%r6
#define r7	%r7
#define r8	%r8
#define r9	%r9
#define r10	%r10
#define r11	%r11
#define r12	%r12
#define r13	%r13
#define r14	%r14
#define r15	%r15
#define r25	%r25
#define r26	%r26
#define r31	%r31
#define cr1	%cr1
#endif

	.text
	.abiversion	2

/* Doublewords of the pt_regs in the frame at r1. */
#define REGS	STACK_INT_FRAME_REGS

	.macro	gprs op, list:vararg
	.irp	n, \list
	\op	%r\n, REGS + PT_GPR\n(r1)
	.endr
	.endm

	.macro	argument_gprs op
	gprs	\op, 3, 4, 5, 6, 7, 8, 9, 10
	.endm

	.macro	nonvolatile_gprs op
	gprs	\op, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	.endm

/* What ftrace_caller needs for itself across the callback. */
	.macro	own_gprs op
#ifdef CONFIG_PPC_FTRACE_OUT_OF_LINE
	gprs	\op, 14, 15
#elif defined(CONFIG_LIVEPATCH_64)
	gprs	\op, 14
#endif
	.endm

/* One frame for the traced function, which has none yet, and one with the pt_regs. */
#define FTRACE_FRAMES	(SWITCH_FRAME_SIZE + STACK_FRAME_MIN_SIZE)

	.macro	push_frames
	stdu	r1, -STACK_FRAME_MIN_SIZE(r1)
	stdu	r1, -SWITCH_FRAME_SIZE(r1)
	.endm

	.macro	pop_frames
	addi	r1, r1, FTRACE_FRAMES
	.endm

/* The callee's TOC goes where its ABI has a place for it; then the kernel's. */
	.macro	switch_toc
	std	r2, STK_GOT(r1)
	ld	r2, PACATOC(r13)
	.endm

/*
 * Address behind a traced call (\to), from the address of the MTLR in the stub (\from): the word after that is a
 * branch to it. Needs \tmp.
 */
	.macro	stub_return to, from, tmp
	lwz	\tmp, 4(\from)
	slwi	\tmp, \tmp, 6
	srawi	\tmp, \tmp, 6
	add	\to, \from, \tmp
	addi	\to, \to, 4
	.endm

#ifdef CONFIG_FTRACE_ENTRY_LR_FIRST

/* ---------------------------------------------------------------------------- 7.2 */

	.macro	ftrace_entry all
	push_frames
	.if	\all
	gprs	std, 11, 12
	.endif
	mflr	r11

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	/* The stub begins 16 bytes before LR, with its ops. A lone direct ops: go there at once, nothing saved. */
	ld	r12, -16(r11)
	ld	r12, FTRACE_OPS_DIRECT_CALL(r12)
	cmpdi	r12, 0
	.if	\all
	bne	ftrace_regs_direct_early
	.else
	bne	ftrace_direct_early
	.endif
#endif

	std	r0, REGS + PT_LINK(r1)
	std	r0, FTRACE_FRAMES + LRSAVE(r1)	/* as the traced function itself would */
	gprs	std, 0
	argument_gprs std
	lbz	r3, PACA_FTRACE_ENABLED(r13)
	cmpdi	r3, 0
	beq	ftrace_no_trace

	.if	\all
	gprs	std, 2, 13
	nonvolatile_gprs std
	.else
	own_gprs std
	.endif
	addi	r8, r1, FTRACE_FRAMES
	std	r8, REGS + PT_GPR1(r1)

	/* Before anything below changes CTR and XER. */
	.if	\all
	mfcr	r7
	mfmsr	r8
	mfctr	r9
	mfxer	r10
	.else
	li	r8, 0				/* partial */
	.endif

	switch_toc
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_CALL_OPS
	ld	r5, -16(r11)			/* ops */
	ld	r12, FTRACE_OPS_FUNC(r5)	/* r12: the callee's global entry finds its TOC by it */
	mtctr	r12
#else
	addis	r5, r2, function_trace_op@toc@ha
	ld	r5, function_trace_op@toc@l(r5)
#endif
	std	r8, REGS + PT_MSR(r1)
	.if	\all
	std	r7, REGS + PT_CCR(r1)
	std	r9, REGS + PT_CTR(r1)
	std	r10, REGS + PT_XER(r1)
	.endif
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	li	r7, 0
	std	r7, REGS + PT_ORIG_GPR3(r1)		/* a direct ops' callback puts its target here */
#endif
#ifdef CONFIG_PPC_FTRACE_OUT_OF_LINE
	mr	r15, r11			/* back into the stub */
	stub_return r11, r15, r8
#endif
	std	r11, REGS + PT_NIP(r1)
	std	r11, SWITCH_FRAME_SIZE + LRSAVE(r1)	/* the traced function's frame */
	mr	r14, r11
	addi	r3, r11, -4			/* ip */
	mr	r4, r0				/* parent_ip */
	addi	r6, r1, STACK_INT_FRAME_REGS	/* fregs */
	.endm

	.macro	ftrace_exit all
	/* Of what is compared here nothing below may change CR0 or CR1. */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	ld	r3, REGS + PT_ORIG_GPR3(r1)
	cmpdi	cr1, r3, 0
	mtctr	r3
#endif
	ld	r0, REGS + PT_LINK(r1)
	ld	r3, REGS + PT_NIP(r1)
	cmpd	r14, r3				/* the callback changed nip? */
#ifdef CONFIG_PPC_FTRACE_OUT_OF_LINE
	bne-	1f
	mr	r3, r15
1:	mtlr	r3
#else
	mtctr	r3
	mtlr	r0
#endif
	.if	\all
	gprs	ld, 11, 12, 13
	nonvolatile_gprs ld
	.else
	own_gprs ld
	.endif
	argument_gprs ld
	ld	r2, STK_GOT(r1)
	pop_frames
#ifdef CONFIG_LIVEPATCH_64
	bne-	livepatch_handler
#endif
#ifdef CONFIG_PPC_FTRACE_OUT_OF_LINE
	bnectr	cr1				/* beside other ops: r0 and LR as from the stub */
	blr
#else
	bctr
#endif
	.endm

#else

/* --------------------------------------------------------------------- 6.1, 6.12 */

	.macro	ftrace_entry all
	push_frames
	gprs	std, 0
	argument_gprs std
	std	r0, FTRACE_FRAMES + LRSAVE(r1)	/* as the traced function itself would */
	lbz	r3, PACA_FTRACE_ENABLED(r13)
	cmpdi	r3, 0
	beq	ftrace_no_trace

	.if	\all
	gprs	std, 2, 11, 12, 13
	nonvolatile_gprs std
	.else
	own_gprs std
	.endif
	addi	r8, r1, FTRACE_FRAMES
	std	r8, REGS + PT_GPR1(r1)
	.if	\all
	mfmsr	r8
	mfctr	r9
	mfxer	r10
	mfcr	r11
	.else
	li	r8, 0				/* partial */
	.endif

	mflr	r7
	std	r7, REGS + PT_NIP(r1)
	std	r7, SWITCH_FRAME_SIZE + LRSAVE(r1)	/* the traced function's frame */
	std	r0, REGS + PT_LINK(r1)
	switch_toc
	addis	r3, r2, function_trace_op@toc@ha
	ld	r5, function_trace_op@toc@l(r3)	/* ops */
#ifdef CONFIG_LIVEPATCH_64
	mr	r14, r7
#endif
	subi	r3, r7, 4			/* ip */
	mr	r4, r0				/* parent_ip */
	std	r8, REGS + PT_MSR(r1)
	.if	\all
	std	r9, REGS + PT_CTR(r1)
	std	r10, REGS + PT_XER(r1)
	std	r11, REGS + PT_CCR(r1)
	.endif
	addi	r6, r1, STACK_INT_FRAME_REGS	/* fregs */
	.endm

	.macro	ftrace_exit all
	ld	r3, REGS + PT_NIP(r1)
	mtctr	r3
#ifdef CONFIG_LIVEPATCH_64
	cmpd	r14, r3				/* nothing below may change CR0 */
#endif
	.if	\all
	gprs	ld, 11, 12, 13
	nonvolatile_gprs ld
	.else
	own_gprs ld
	.endif
	argument_gprs ld
	ld	r0, REGS + PT_LINK(r1)
	mtlr	r0
	ld	r2, STK_GOT(r1)
	pop_frames
#ifdef CONFIG_LIVEPATCH_64
	bne-	livepatch_handler
#endif
	bctr
	.endm

#endif

/* ------------------------------------------------------------------- entry points */

/*
 * ftrace_regs_caller and ftrace_caller: call func(ip, parent_ip, ops, fregs) with all registers or with the arguments
 * only, and continue where fregs say.
 */
	.globl	ftrace_regs_caller
ftrace_regs_caller:
	ftrace_entry 1
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_CALL_OPS
	bctrl
#else
	.globl	ftrace_regs_call
ftrace_regs_call:
	bl	ftrace_stub			/* patched */
#endif
	nop
	ftrace_exit 1

	.globl	ftrace_caller
ftrace_caller:
	ftrace_entry 0
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_CALL_OPS
	bctrl
#else
	.globl	ftrace_call
ftrace_call:
	bl	ftrace_stub			/* patched */
#endif
	nop
	ftrace_exit 0

	.globl	ftrace_stub
ftrace_stub:
	blr

/* This CPU may not trace now (it is going offline, or entering a guest): as if the site were disabled. */
ftrace_no_trace:
#ifdef CONFIG_PPC_FTRACE_OUT_OF_LINE
	gprs	ld, 3
	pop_frames
	blr					/* to the stub's MTLR */
#else
	mflr	r3
	mtctr	r3
	gprs	ld, 3
	pop_frames
	mtlr	r0
	bctr
#endif

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
ftrace_regs_direct_early:
	mtctr	r12
	gprs	ld, 11, 12
	pop_frames
	bctr

ftrace_direct_early:
	mtctr	r12
	pop_frames
	bctr

/* A direct-call target that only resumes the body, through the stub. */
	.globl	ftrace_stub_direct_tramp
ftrace_stub_direct_tramp:
	blr
#endif

/*
 * Where a core kernel site out of reach of ftrace_caller goes; others of its kind lie behind .init.text. Whatever was
 * asked for, this leads to ftrace_regs_caller.
 */
	.globl	ftrace_tramp_text
ftrace_tramp_text:
	ld	r12, PACATOC(r13)
	addis	r12, r12, ftrace_regs_caller@toc@ha
	addi	r12, r12, ftrace_regs_caller@toc@l
	mtctr	r12
	bctr

#ifdef CONFIG_LIVEPATCH_64
/*
 * nip was changed: another function runs instead. It has a TOC of its own, and its frame belongs to the caller, so
 * TOC and return address are kept on a side stack that grows upwards from the end of the task's stack.
 * Whatever the callback meant: a nip that is no function is entered the same way.
 */
livepatch_handler:
	ld	r12, PACA_THREAD_INFO(r13)
	ld	r11, TI_livepatch_sp(r12)
	addi	r11, r11, 24
	std	r11, TI_livepatch_sp(r12)
	std	r2, -24(r11)
#ifdef CONFIG_PPC_FTRACE_OUT_OF_LINE
	std	r0, -16(r11)
	mflr	r12				/* the new nip */
	mtctr	r12
#else
	mflr	r12
	std	r12, -16(r11)
#endif
	lis	r12, STACK_END_MAGIC@h
	ori	r12, r12, STACK_END_MAGIC@l
	std	r12, -8(r11)
	mfctr	r12				/* its global entry */
	bctrl
livepatch_handler_called:

	ld	r12, PACA_THREAD_INFO(r13)
	ld	r11, TI_livepatch_sp(r12)
	lis	r2, STACK_END_MAGIC@h
	ori	r2, r2, STACK_END_MAGIC@l
	ld	r12, -8(r11)
	tdne	r12, r2
	ld	r12, -16(r11)
	mtlr	r12
	ld	r2, -24(r11)
	ld	r12, PACA_THREAD_INFO(r13)
	subi	r11, r11, 24
	std	r11, TI_livepatch_sp(r12)
	blr
#endif

#ifndef CONFIG_ARCH_USING_PATCHABLE_FUNCTION_ENTRY
/* What sites call as compiled: back into the function, with LR as at its entry. */
	.globl	_mcount
_mcount:
	mflr	r12
	mtctr	r12
	mtlr	r0
	bctr
#endif

#ifdef CONFIG_FUNCTION_GRAPH_TRACER
/* return_to_handler: where a graph-traced function returns to. r3 and r4 may be its result. */
	.globl	return_to_handler
return_to_handler:
#ifdef CONFIG_HAVE_FUNCTION_GRAPH_FREGS
	stdu	r1, -SWITCH_FRAME_SIZE(r1)
	std	r4, REGS + PT_GPR4(r1)
	std	r3, REGS + PT_GPR3(r1)
	addi	r3, r1, SWITCH_FRAME_SIZE
	std	r3, REGS + PT_GPR1(r1)
	std	r2, STK_GOT(r1)
	std	r31, 32(r1)
	mr	r31, r1
	ld	r2, PACATOC(r13)		/* a module's function may have returned */
	addi	r3, r1, STACK_INT_FRAME_REGS	/* fregs */
#else
	std	r4, -32(r1)
	std	r3, -24(r1)
	std	r2, -16(r1)
	std	r31, -8(r1)
	mr	r31, r1
	stdu	r1, -112(r1)
	ld	r2, PACATOC(r13)		/* a module's function may have returned */
#endif
	bl	ftrace_return_to_handler
	nop
	mtlr	r3				/* original return address */
#ifdef CONFIG_HAVE_FUNCTION_GRAPH_FREGS
	ld	r4, REGS + PT_GPR4(r1)
	ld	r3, REGS + PT_GPR3(r1)
	ld	r2, STK_GOT(r1)
	ld	r31, 32(r1)
	ld	r1, 0(r1)
#else
	ld	r1, 0(r1)
	ld	r4, -32(r1)
	ld	r3, -24(r1)
	ld	r2, -16(r1)
	ld	r31, -8(r1)
#endif
	blr
#endif

#ifdef CONFIG_KRETPROBES
/*
 * The hooked-return trampoline: at boot a kprobe is planted on the NOP, whose handler is C's side of the hook. The NOP is
 * then emulated at the address that C has chosen.
 */
#ifdef CONFIG_RETHOOK
	.globl	arch_rethook_trampoline
arch_rethook_trampoline:
#else
	.globl	__kretprobe_trampoline
__kretprobe_trampoline:
#endif
	.long	0x60000000			/* nop, in bytes: a TRAP is to take its place */
	blr

/*
 * The program check of a TRAP: srr0 and srr1 are what pc and msr were. It does as the exception's entry and the return from
 * it do; softe to iamr other than trap are left as the stack has them.
 */
	.globl	program_check
program_check:
	stdu	r1, -INT_FRAME_SIZE(r1)
	gprs	std, 0, 2
	argument_gprs std
	gprs	std, 11, 12, 13
	nonvolatile_gprs std
	addi	r3, r1, INT_FRAME_SIZE
	std	r3, REGS + PT_GPR1(r1)
	mfsrr1	r3
	std	r3, REGS + PT_MSR(r1)
	mfctr	r3
	std	r3, REGS + PT_CTR(r1)
	mflr	r3
	std	r3, REGS + PT_LINK(r1)
	mfxer	r3
	std	r3, REGS + PT_XER(r1)
	mfcr	r3
	std	r3, REGS + PT_CCR(r1)
	li	r3, 0x700
	std	r3, REGS + PT_TRAP(r1)
	mfsrr0	r3
	std	r3, REGS + PT_NIP(r1)
	ld	r2, PACATOC(r13)

	addi	r3, r1, STACK_INT_FRAME_REGS
	bl	program_check_exception
	nop

	ld	r3, REGS + PT_NIP(r1)
	mtsrr0	r3
	ld	r3, REGS + PT_MSR(r1)
	mtsrr1	r3
	ld	r3, REGS + PT_CTR(r1)
	mtctr	r3
	ld	r3, REGS + PT_LINK(r1)
	mtlr	r3
	ld	r3, REGS + PT_XER(r1)
	mtxer	r3
	ld	r3, REGS + PT_CCR(r1)
	mtcr	r3
	gprs	ld, 0, 2
	argument_gprs ld
	gprs	ld, 11, 12, 13
	nonvolatile_gprs ld
	ld	r1, REGS + PT_GPR1(r1)
	rfid
#endif

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
/*
 * direct_tramp_N: a hand-written direct trampoline as the kernel's samples have it. Entered with r0 = return address
 * and LR = the MTLR in the stub; calls direct_func_N with the arguments in place, then goes back into the stub.
 *   sp + 24   TOC
 *   sp + 32   r3-r10
 *   sp + 112  address in the body
 *   sp + 128  frame of the traced function
 */
#define DIRECT_FRAME	128

	.macro	direct_words op
	\op	r3, 32(r1)
	\op	r4, 40(r1)
	\op	r5, 48(r1)
	\op	r6, 56(r1)
	\op	r7, 64(r1)
	\op	r8, 72(r1)
	\op	r9, 80(r1)
	\op	r10, 88(r1)
	.endm

	.macro	direct_trampoline n
	.globl	direct_tramp_\n
direct_tramp_\n:
	std	r0, LRSAVE(r1)
	stdu	r1, -STACK_FRAME_MIN_SIZE(r1)
	mflr	r0
	std	r0, LRSAVE(r1)
	stdu	r1, -DIRECT_FRAME(r1)
	direct_words std
	mflr	r11
	stub_return r11, r11, r12
	std	r11, DIRECT_SELF_IP(r1)
	switch_toc
	bl	direct_func_\n
	nop
	ld	r2, STK_GOT(r1)
	direct_words ld
	addi	r1, r1, DIRECT_FRAME
	ld	r0, LRSAVE(r1)
	mtlr	r0
	addi	r1, r1, STACK_FRAME_MIN_SIZE
	ld	r0, LRSAVE(r1)
	blr
	.endm

	direct_trampoline 0
	direct_trampoline 1
	direct_trampoline 2
	direct_trampoline 3

/*
 * BPF trampolines as the JIT builds them (linux 7.2 arch/powerpc/net/bpf_jit_comp.c): one frame, the caller's LR slot
 * holding the return address, and the program context with twelve argument words and the return value.
 *   sp + 24   TOC
 *   sp + 32   parameter save area for the original: words 0 to 11
 *   sp + 128  r25, r26
 *   sp + 144  LR: the MTLR in the stub
 *   sp + 152  address in the body; program context; return value; whether the body has returned
 */
#define BPF_FRAME	272
#define BPF_SAVED	128
#define BPF_ALT_LR	144
#define BPF_CTX		160

	.macro	bpf_arguments op
	\op	r3, BPF_CTX(r1)
	\op	r4, BPF_CTX + 8(r1)
	\op	r5, BPF_CTX + 16(r1)
	\op	r6, BPF_CTX + 24(r1)
	\op	r7, BPF_CTX + 32(r1)
	\op	r8, BPF_CTX + 40(r1)
	\op	r9, BPF_CTX + 48(r1)
	\op	r10, BPF_CTX + 56(r1)
	.endm

	/* Argument words 8 to 11 through r0, from \from to \to. */
	.macro	bpf_stack_words from, to
	ld	r0, \from + 0(r1)
	std	r0, \to + 0(r1)
	ld	r0, \from + 8(r1)
	std	r0, \to + 8(r1)
	ld	r0, \from + 16(r1)
	std	r0, \to + 16(r1)
	ld	r0, \from + 24(r1)
	std	r0, \to + 24(r1)
	.endm

	.macro	bpf_prologue
	std	r0, LRSAVE(r1)
	stdu	r1, -BPF_FRAME(r1)
	switch_toc
	bpf_arguments std
	bpf_stack_words BPF_FRAME + 96, BPF_CTX + 64
	li	r0, 0
	std	r0, BPF_CTX + BPF_RETURN(r1)
	std	r0, BPF_CTX + BPF_IS_RETURN(r1)
	std	r25, BPF_SAVED(r1)
	std	r26, BPF_SAVED + 8(r1)
	mflr	r11
	std	r11, BPF_ALT_LR(r1)
	stub_return r11, r11, r12
	std	r11, BPF_CTX + BPF_SELF_IP(r1)
	addi	r25, r1, BPF_CTX		/* kept across the programs, as is r26 */
	.endm

	/* One program: its start time is in r26 while it runs. */
	.macro	bpf_program name
	li	r26, 0
	mr	r3, r25
	bl	\name
	nop
	.endm

	.macro	bpf_epilogue
	ld	r25, BPF_SAVED(r1)
	ld	r26, BPF_SAVED + 8(r1)
	ld	r2, STK_GOT(r1)
	ld	r12, BPF_ALT_LR(r1)
	addi	r1, r1, BPF_FRAME
	ld	r0, LRSAVE(r1)
	.endm

	/*
	 * The programs that may modify the return value, one after the other: the first result that is not 0 is it, and
	 * the body is passed over. The JIT unrolls the loop; r26, which counts, holds the start time there.
	 */
	.macro	bpf_modify_return n, exit
	li	r3, 0
	std	r3, BPF_CTX + BPF_RETURN(r1)
	addis	r26, r2, bpf_mod_links_\n@toc@ha
	ld	r26, bpf_mod_links_\n@toc@l(r26)
1:	mr	r3, r25
	mr	r4, r26
	bl	bpf_mod_func_\n
	nop
	std	r3, BPF_CTX + BPF_RETURN(r1)
	ld	r3, BPF_CTX + BPF_RETURN(r1)
	cmpdi	r3, 0
	bne	\exit
	subi	r26, r26, 1
	cmpdi	r26, 0
	bne	1b
	.endm

	/* The body, called; r4 of its result is lost. */
	.macro	bpf_call_original label
	bpf_stack_words BPF_CTX + 64, 96
	bpf_arguments ld
	ld	r12, BPF_CTX + BPF_SELF_IP(r1)
	mtctr	r12
	ld	r2, STK_GOT(r1)
	bctrl
\label:
	ld	r2, PACATOC(r13)
	std	r3, BPF_CTX + BPF_RETURN(r1)
	.endm

	/* Behind the body: the exit programs, and back to the parent. */
	.macro	bpf_exit n
	li	r3, 1
	std	r3, BPF_CTX + BPF_IS_RETURN(r1)
	bpf_program bpf_exit_func_\n
	ld	r3, BPF_CTX + BPF_RETURN(r1)
	bpf_epilogue
	mtlr	r0
	blr
	.endm

	.macro	bpf_trampoline n
	/* Entry programs only: the body runs as the caller called it. */
	.globl	bpf_fentry_\n
bpf_fentry_\n:
	bpf_prologue
	bpf_program bpf_entry_func_\n
	bpf_arguments ld
	bpf_epilogue
	mtlr	r12
	blr

	/* With exit programs: the trampoline calls the body itself and returns to the parent. */
	.globl	bpf_fexit_\n
bpf_fexit_\n:
	bpf_prologue
	bpf_program bpf_entry_func_\n
	bpf_call_original bpf_fexit_\n\()_called
	bpf_exit \n

	/* With programs that may modify the return value, too. */
	.globl	bpf_fmod_\n
bpf_fmod_\n:
	bpf_prologue
	bpf_program bpf_entry_func_\n
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

/* Exit text, whose functions are not traced. Nothing here lies in it. */
	.globl	__exittext_begin
	.globl	__exittext_end
__exittext_begin:
__exittext_end:
