/* SPDX-License-Identifier: MIT */
/*
 * riscv entry trampolines, return hooks and direct-call stubs.
 *
 * The call site is AUIPC t0 ; JALR t0, so here t0 is F+8 and ra still the traced function's return
 * address. a0-a7, s0-s11, gp, tp and SP are live, and for clang's fastcc functions t2-t6; t1 is free.
 * Facts: linux 6.1, 6.12, 7.2 arch/riscv/kernel/mcount-dyn.S, mcount.S, arch/riscv/include/asm/ftrace.h.
 * Without WITH_ARGS this is 6.1; with it, FTRACE_TOGGLES_JALR tells 7.2 from 6.12.
 * FREGS_*, PT_*, FRAME_SIZE, FTRACE_OPS_*: layout.ts.
 */

	.option	norvc
	.option	norelax
	.text

#if defined(CONFIG_FUNCTION_GRAPH_TRACER) && defined(CONFIG_FRAME_POINTER)
#define HAVE_FUNCTION_GRAPH_FP_TEST
#endif

/* a0-a7 to or from consecutive words at sp + \offset. */
	.macro	argument_registers op, offset=0
	\op	a0, (\offset + 0)(sp)
	\op	a1, (\offset + 8)(sp)
	\op	a2, (\offset + 16)(sp)
	\op	a3, (\offset + 24)(sp)
	\op	a4, (\offset + 32)(sp)
	\op	a5, (\offset + 40)(sp)
	\op	a6, (\offset + 48)(sp)
	\op	a7, (\offset + 56)(sp)
	.endm

#if defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS) && defined(CONFIG_CC_IS_CLANG) && defined(CONFIG_FTRACE_TOGGLES_JALR)
#define SAVES_FASTCC_ARGUMENTS
#endif

/* All of a pt_regs at sp but epc, ra, sp and t0. */
	.macro	other_registers op
	\op	gp, PT_GP(sp)
	\op	tp, PT_TP(sp)
	\op	t1, PT_T1(sp)
	\op	t2, PT_T2(sp)
	\op	s0, PT_S0(sp)
	\op	s1, PT_S1(sp)
	argument_registers \op, PT_A0
	\op	s2, PT_S2(sp)
	\op	s3, PT_S3(sp)
	\op	s4, PT_S4(sp)
	\op	s5, PT_S5(sp)
	\op	s6, PT_S6(sp)
	\op	s7, PT_S7(sp)
	\op	s8, PT_S8(sp)
	\op	s9, PT_S9(sp)
	\op	s10, PT_S10(sp)
	\op	s11, PT_S11(sp)
	\op	t3, PT_T3(sp)
	\op	t4, PT_T4(sp)
	\op	t5, PT_T5(sp)
	\op	t6, PT_T6(sp)
	.endm

/* The members of ftrace_regs that are stored as they are and restored from there. */
	.macro	ftrace_regs op
	\op	t0, FREGS_EPC(sp)
	\op	ra, FREGS_RA(sp)
#ifdef HAVE_FUNCTION_GRAPH_FP_TEST
	\op	s0, FREGS_S0(sp)
#endif
	\op	t1, FREGS_T1(sp)
#ifdef SAVES_FASTCC_ARGUMENTS
	\op	t2, FREGS_T2(sp)
	\op	t3, FREGS_T3(sp)
	\op	t4, FREGS_T4(sp)
	\op	t5, FREGS_T5(sp)
	\op	t6, FREGS_T6(sp)
#endif
	argument_registers \op, FREGS_A0
	.endm

/*
 * ftrace_caller: calls ops->func(ip, parent_ip, ops, fregs) and continues where fregs say.
 * A page of its own: the stubs below must be out of reach of a JALR that starts here, as any
 * direct-call target outside this file is (callsite.ts, makeCall).
 */
	.balign	4096
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
	.globl	ftrace_caller
ftrace_caller:
#ifdef CONFIG_FTRACE_TOGGLES_JALR
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_CALL_OPS
	ld	t1, -16(t0)			/* the ops literal, 8 bytes before F */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	/* A lone direct ops: go there at once, nothing saved. Otherwise this leaves t1 = 0. */
	ld	t1, FTRACE_OPS_DIRECT_CALL(t1)
	bnez	t1, ftrace_caller_direct
#endif
#endif

	/* No frame record: the unwinder sees neither the traced function nor its caller. */
	addi	sp, sp, -FRAME_SIZE
	ftrace_regs sd
	addi	a0, sp, FRAME_SIZE
	sd	a0, FREGS_SP(sp)

	addi	a0, t0, -4			/* ip */
	mv	a1, ra				/* parent_ip */
	mv	a3, sp				/* fregs */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_CALL_OPS
	ld	a2, -16(t0)			/* ops */
	ld	ra, FTRACE_OPS_FUNC(a2)
	jalr	ra
#else
	la	a2, function_trace_op
	ld	a2, 0(a2)
	ld	ra, ftrace_call_dest		/* a variable: nothing here is patched */
	jalr	ra
#endif
#else
	/* 6.12 clears t1 and then saves it: the function's own is lost, which C does not notice. */
	li	t1, 0
	mv	t4, sp
	addi	sp, sp, -FRAME_SIZE
	ftrace_regs sd
	sd	t4, FREGS_SP(sp)

	addi	a0, t0, -8			/* ip */
	la	a2, function_trace_op
	ld	a2, 0(a2)
	mv	a1, ra				/* parent_ip */
	mv	a3, sp				/* fregs */
	.globl	ftrace_call
ftrace_call:
	call	ftrace_stub			/* patched */
#endif

	ftrace_regs ld
	addi	sp, sp, FRAME_SIZE	/* a changed fregs->sp is ignored */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	/* Beside other ops, the callback of a direct ops leaves its target in fregs->t1. */
	bnez	t1, ftrace_caller_direct
#endif
	jr	t0

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
ftrace_caller_direct:
	jr	t1

/* A direct-call target that only resumes the body. */
	.globl	ftrace_stub_direct_tramp
ftrace_stub_direct_tramp:
	jr	t0
#endif

#else /* !CONFIG_DYNAMIC_FTRACE_WITH_ARGS */
/* The callback's arguments. */
	.macro	callback_arguments
	addi	a0, t0, -8			/* ip */
	la	a2, function_trace_op
	ld	a2, 0(a2)
	mv	a1, ra				/* parent_ip */
	mv	a3, sp				/* what is called fregs */
	.endm

/* prepare_ftrace_return(&ra, ip, s0), the words of ra and t0 being at these offsets. */
	.macro	graph_arguments ra, t0
	addi	a0, sp, \ra
	ld	a1, \t0(sp)
	addi	a1, a1, -8
#ifdef HAVE_FUNCTION_GRAPH_FP_TEST
	mv	a2, s0
#endif
	.endm

/* ftrace_caller: 80 bytes of save area, which the callback is told to be a pt_regs. */
	.globl	ftrace_caller
ftrace_caller:
	addi	sp, sp, -80
	argument_registers sd
	sd	t0, 64(sp)
	sd	ra, 72(sp)
	callback_arguments
	.globl	ftrace_call
ftrace_call:
	call	ftrace_stub			/* patched */
#ifdef CONFIG_FUNCTION_GRAPH_TRACER
	graph_arguments 72, 64
	.globl	ftrace_graph_call
ftrace_graph_call:
	call	ftrace_stub			/* patched */
#endif
	argument_registers ld
	ld	t0, 64(sp)
	ld	ra, 72(sp)
	addi	sp, sp, 80
	jr	t0

/* ftrace_regs_caller: a whole pt_regs, restored as the callback leaves it. */
	.globl	ftrace_regs_caller
ftrace_regs_caller:
	addi	sp, sp, -PT_REGS_SIZE
	sd	t0, PT_EPC(sp)
	sd	ra, PT_RA(sp)
	sd	sp, PT_SP(sp)			/* lowered: not the function's own */
	sd	t0, PT_T0(sp)
	other_registers sd
	callback_arguments
	.globl	ftrace_regs_call
ftrace_regs_call:
	call	ftrace_stub			/* patched */
#ifdef CONFIG_FUNCTION_GRAPH_TRACER
	graph_arguments PT_RA, PT_EPC
	.globl	ftrace_graph_regs_call
ftrace_graph_regs_call:
	call	ftrace_stub			/* patched */
#endif
	ld	t0, PT_EPC(sp)
	ld	ra, PT_RA(sp)
	ld	sp, PT_SP(sp)			/* what follows is loaded from wherever that is */
	other_registers ld
	addi	sp, sp, PT_REGS_SIZE
	jr	t0
#endif

	.globl	ftrace_stub
ftrace_stub:
	ret

#ifdef CONFIG_FUNCTION_GRAPH_TRACER
/*
 * return_to_handler: where a graph-traced function returns to. a0 and a1 are results, s0 is the
 * caller's; ra is this very address. s0 is set up as if there were a frame record, but the words it
 * should consist of belong to ftrace_regs and are not written.
 */
	.globl	return_to_handler
return_to_handler:
#ifdef CONFIG_HAVE_FUNCTION_GRAPH_FREGS
	addi	sp, sp, -FRAME_SIZE
	sd	ra, FREGS_RA(sp)
	sd	s0, FREGS_S0(sp)
	sd	a0, FREGS_A0(sp)
	sd	a1, FREGS_A1(sp)
	addi	s0, sp, FRAME_SIZE

	mv	a0, sp				/* fregs */
	call	ftrace_return_to_handler
	mv	a2, a0				/* original return address */

	ld	ra, FREGS_RA(sp)
	ld	s0, FREGS_S0(sp)
	ld	a0, FREGS_A0(sp)
	ld	a1, FREGS_A1(sp)
	addi	sp, sp, FRAME_SIZE
	jalr	a2				/* links: ra ends up behind this instruction */
#else
	/* 6.1: a true frame record {s0, ra}, but a1 is not kept. */
#ifdef HAVE_FUNCTION_GRAPH_FP_TEST
	mv	t6, s0
#endif
	addi	sp, sp, -32
	sd	s0, 16(sp)
	sd	ra, 24(sp)
	sd	a0, 8(sp)
	addi	s0, sp, 32
#ifdef HAVE_FUNCTION_GRAPH_FP_TEST
	mv	a0, t6				/* frame pointer; else the result, for want of better */
#endif
	call	ftrace_return_to_handler
	mv	a1, a0				/* original return address */

	ld	s0, 16(sp)
	ld	ra, 24(sp)
	ld	a0, 8(sp)
	addi	sp, sp, 32
	jalr	a1				/* links here too */
#endif
#endif

#ifdef CONFIG_KRETPROBES
/*
 * Where a function with a hooked return returns to: a pt_regs with ra = this address, for C to find the
 * true return address in. Facts: linux 6.1 arch/riscv/kernel/probes/kprobes_trampoline.S, linux 6.12, 7.2
 * arch/riscv/kernel/probes/rethook_trampoline.S.
 */
#ifdef CONFIG_RETHOOK
	.globl	arch_rethook_trampoline
arch_rethook_trampoline:
#else
	.globl	__kretprobe_trampoline
__kretprobe_trampoline:
#endif
	addi	sp, sp, -PT_REGS_SIZE
	sd	ra, PT_RA(sp)
	sd	t0, PT_T0(sp)
	other_registers sd
#ifdef CONFIG_KRETPROBE_STORES_SP
	addi	a0, sp, PT_REGS_SIZE
	sd	a0, PT_SP(sp)
#endif
	mv	a0, sp
	call	rethook_handler
	mv	ra, a0				/* the true return address */
	ld	t0, PT_T0(sp)
	other_registers ld
	addi	sp, sp, PT_REGS_SIZE
	ret
#endif

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	.balign	4096
/*
 * direct_tramp_N: a hand-written direct trampoline as the kernel's samples have it, but with SP kept
 * aligned. Entered as from a call site (t0 = body, ra = return address): saves the arguments, calls
 * direct_func_N, resumes the body.
 */
	.macro	direct_trampoline n
	.globl	direct_tramp_\n
direct_tramp_\n:
	addi	sp, sp, -80
	argument_registers sd
	sd	t0, DIRECT_SELF_IP(sp)
	sd	ra, 72(sp)
	call	direct_func_\n
	argument_registers ld
	ld	t0, DIRECT_SELF_IP(sp)
	ld	ra, 72(sp)
	addi	sp, sp, 80
	jr	t0
	.endm

	direct_trampoline 0
	direct_trampoline 1
	direct_trampoline 2
	direct_trampoline 3

/*
 * BPF trampolines as the JIT builds them (linux 6.12, 7.2 arch/riscv/net/bpf_jit_comp64.c): a frame record for
 * the caller, one for the traced function, and the program context with eight register arguments, four
 * stack arguments and two words of result: a0 and a5, which is where BPF programs return their value.
 *   sp + 0    stack arguments handed on to the original (images that call it only)
 *   sp + 32   program context: a0-a7; S+0..S+24; a0 and a5 of the original
 *   sp + 144  s1
 *   sp + 152  whether the body has returned
 *   sp + 160  frame record of the traced function {s0, t0}
 *   sp + 176  frame record of its caller {s0, ra}
 * Where they call the body, its address is a constant of the image, here a cell.
 */
#define BPF_FRAME	176
#define BPF_CTX		32
#define BPF_S1		144

/* S+0..S+24 through the temporary t1 to sp + \to; \from is S - sp. */
	.macro	bpf_stack_arguments from, to
	ld	t1, (\from + 0)(sp)
	sd	t1, (\to + 0)(sp)
	ld	t1, (\from + 8)(sp)
	sd	t1, (\to + 8)(sp)
	ld	t1, (\from + 16)(sp)
	sd	t1, (\to + 16)(sp)
	ld	t1, (\from + 24)(sp)
	sd	t1, (\to + 24)(sp)
	.endm

	.macro	bpf_prologue
	addi	sp, sp, -16
	sd	ra, 8(sp)
	sd	s0, 0(sp)
	addi	s0, sp, 16
	addi	sp, sp, -BPF_FRAME
	sd	t0, (BPF_FRAME - 8)(sp)		/* BPF_SELF_IP of the context */
	sd	s0, (BPF_FRAME - 16)(sp)
	addi	s0, sp, BPF_FRAME
	sd	s1, BPF_S1(sp)
	argument_registers sd, BPF_CTX
	bpf_stack_arguments BPF_FRAME+16, BPF_CTX+64
	sd	zero, (BPF_CTX + BPF_IS_RETURN)(sp)
	sd	zero, (BPF_CTX + BPF_RETURN)(sp)
	sd	zero, (BPF_CTX + BPF_RETURN + 8)(sp)
	.endm

	.macro	bpf_run function
	addi	a0, sp, BPF_CTX
	call	\function
	.endm

	/*
	 * The programs of a place, each between __bpf_prog_enter_recur() and __bpf_prog_exit_recur(): s1 holds the start time, 0
	 * where the program is passed over. The JIT unrolls the loop; here the helper behind a program tells whether another one
	 * follows.
	 */
	.macro	bpf_programs n, place
1:	addi	a0, sp, BPF_CTX
	call	bpf_enter_func_\n
	mv	s1, a0
	beqz	a0, 2f
	bpf_run	bpf_\place\()_func_\n
2:	addi	a0, sp, BPF_CTX
	mv	a1, s1
	call	bpf_leave_func_\n
	bnez	a0, 1b
	.endm

	/* Back to SP = S with ra = return address, t0 = body. */
	.macro	bpf_epilogue
	ld	s1, BPF_S1(sp)
	ld	t0, (BPF_FRAME - 8)(sp)
	addi	sp, sp, BPF_FRAME
	ld	ra, 8(sp)
	ld	s0, 0(sp)
	addi	sp, sp, 16
	.endm

	/*
	 * The programs that may modify the return value, one after the other: the first result that is not 0 is it, and
	 * the body is passed over. The JIT unrolls the loop; s1, which counts, holds the start time there. A program
	 * has its value in a5 and ends with a0 = its low half, sign-extended: that is what counts.
	 */
	.macro	bpf_modify_return n, exit
	sd	zero, (BPF_CTX + BPF_RETURN)(sp)
	la	s1, bpf_mod_links_\n
	ld	s1, 0(s1)
1:	mv	a1, s1
	bpf_run	bpf_mod_func_\n
	mv	a5, a0
	addiw	a0, a5, 0
	sd	a0, (BPF_CTX + BPF_RETURN)(sp)
	sd	a5, (BPF_CTX + BPF_RETURN + 8)(sp)
	ld	t1, (BPF_CTX + BPF_RETURN)(sp)
	bnez	t1, \exit
	addi	s1, s1, -1
	bnez	s1, 1b
	.endm

	/* The body, called; a1 of its result is lost. */
	.macro	bpf_call_original n, label
	bpf_stack_arguments BPF_CTX+64, 0
	argument_registers ld, BPF_CTX
	la	t1, bpf_body_\n			/* F+8, past the call site */
	ld	t1, 0(t1)
	jalr	t1
\label:
	sd	a0, (BPF_CTX + BPF_RETURN)(sp)
	sd	a5, (BPF_CTX + BPF_RETURN + 8)(sp)
	.endm

	/* Behind the body: the exit programs, and back to the parent. */
	.macro	bpf_exit n
	li	t1, 1
	sd	t1, (BPF_CTX + BPF_IS_RETURN)(sp)
	bpf_programs \n, exit
	ld	a5, (BPF_CTX + BPF_RETURN + 8)(sp)
	ld	a0, (BPF_CTX + BPF_RETURN)(sp)
	bpf_epilogue
	ret
	.endm

	.macro	bpf_trampoline n
	/* Entry programs only: the body runs as the caller called it. */
	.globl	bpf_fentry_\n
bpf_fentry_\n:
	bpf_prologue
	bpf_programs \n, entry
	argument_registers ld, BPF_CTX
	bpf_epilogue
	jr	t0

	/* With exit programs: the trampoline calls the body itself and returns to the parent. */
	.globl	bpf_fexit_\n
bpf_fexit_\n:
	bpf_prologue
	bpf_programs \n, entry
	bpf_call_original \n, bpf_fexit_\n\()_called
	bpf_exit \n

	/* With programs that may modify the return value, too. */
	.globl	bpf_fmod_\n
bpf_fmod_\n:
	bpf_prologue
	bpf_programs \n, entry
	bpf_modify_return \n, bpf_fmod_\n\()_exit
	bpf_call_original \n, bpf_fmod_\n\()_called
bpf_fmod_\n\()_exit:
	bpf_exit \n
	.endm

	bpf_trampoline 0
	bpf_trampoline 1
	bpf_trampoline 2
	bpf_trampoline 3
#endif
