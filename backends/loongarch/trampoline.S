/* SPDX-License-Identifier: MIT */
/*
 * loongarch entry trampolines, return hook, rethook trampoline and direct-call stubs.
 *
 * The call site is MOVE t0, ra ; BL, so here ra is F+8 and t0 the traced function's return address. a0-a7, fp,
 * s0-s8, tp, u0 and SP are live; t1 may be lost on the way in a module's PLT entry, and t2-t8 are free.
 * Facts: linux 7.2 arch/loongarch/kernel/mcount_dyn.S (the same at 6.12), rethook_trampoline.S.
 * PT_*, DIRECT_*, BPF_*: layout.ts.
 */

	.text

#define u0		$r21
#define CSR_CRMD	0
/* Privilege level and interrupt enable. */
#define CRMD_PLV_IE	7

/* a0-a7 to or from consecutive words at sp + \offset. */
	.macro	argument_registers op, offset=0
	\op	$a0, $sp, \offset + 0
	\op	$a1, $sp, \offset + 8
	\op	$a2, $sp, \offset + 16
	\op	$a3, $sp, \offset + 24
	\op	$a4, $sp, \offset + 32
	\op	$a5, $sp, \offset + 40
	\op	$a6, $sp, \offset + 48
	\op	$a7, $sp, \offset + 56
	.endm

	.macro	saved_registers op
	\op	$s0, $sp, PT_R23
	\op	$s1, $sp, PT_R24
	\op	$s2, $sp, PT_R25
	\op	$s3, $sp, PT_R26
	\op	$s4, $sp, PT_R27
	\op	$s5, $sp, PT_R28
	\op	$s6, $sp, PT_R29
	\op	$s7, $sp, PT_R30
	\op	$s8, $sp, PT_R31
	.endm

/* t2-t8: t0 and t1 have other values than the traced function's. */
	.macro	temporaries op
	\op	$t2, $sp, PT_R14
	\op	$t3, $sp, PT_R15
	\op	$t4, $sp, PT_R16
	\op	$t5, $sp, PT_R17
	\op	$t6, $sp, PT_R18
	\op	$t7, $sp, PT_R19
	\op	$t8, $sp, PT_R20
	.endm

#ifdef CONFIG_DYNAMIC_FTRACE
/* A pt_regs on the stack; all of it but the CSRs with \allregs. */
	.macro	ftrace_regs_entry allregs=0
	addi.d	$sp, $sp, -PT_SIZE
	st.d	$t0, $sp, PT_R1			/* the return address of the traced function */
	argument_registers st.d, PT_R4
	st.d	$fp, $sp, PT_R22
	.if \allregs
	st.d	$tp, $sp, PT_R2
	st.d	$t0, $sp, PT_R12
	temporaries st.d
	st.d	u0, $sp, PT_R21
	saved_registers st.d
	st.d	$zero, $sp, PT_R0
	.endif
	st.d	$ra, $sp, PT_CSR_ERA
	/* No direct trampoline, unless a callback names one. */
	move	$t1, $zero
	st.d	$t1, $sp, PT_R13
	/* t8 is saved by now. */
	addi.d	$t8, $sp, PT_SIZE
	st.d	$t8, $sp, PT_R3
	.endm

	.globl	ftrace_stub
ftrace_stub:
	jr	$ra

/* Calls func(ip, parent_ip, op, fregs) on the frame that either entry made, and continues where it says. */
ftrace_common:
	addi.d	$a0, $ra, -8			/* ip */
	move	$a1, $t0			/* parent_ip */
	la.pcrel	$t1, function_trace_op
	ld.d	$a2, $t1, 0			/* op */
	move	$a3, $sp			/* fregs */

	.globl	ftrace_call
ftrace_call:
	bl	ftrace_stub			/* patched */
#ifdef CONFIG_FUNCTION_GRAPH_TRACER
	.globl	ftrace_graph_call
ftrace_graph_call:
	nop					/* never patched: ftrace_graph_func is an ops */
#endif

	/* Changes of other registers are lost, even where all were saved. */
	argument_registers ld.d, PT_R4
	ld.d	$fp, $sp, PT_R22

	ld.d	$t1, $sp, PT_R13
	bnez	$t1, ftrace_common_direct
	ld.d	$ra, $sp, PT_R1
	ld.d	$t0, $sp, PT_CSR_ERA
	addi.d	$sp, $sp, PT_SIZE
	jr	$t0

/* As if the site had called the direct trampoline: t0 = return address, ra = where to resume. */
ftrace_common_direct:
	ld.d	$t0, $sp, PT_R1
	ld.d	$ra, $sp, PT_CSR_ERA
	addi.d	$sp, $sp, PT_SIZE
	jr	$t1

	.globl	ftrace_caller
ftrace_caller:
	ftrace_regs_entry
	b	ftrace_common

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_REGS
	.globl	ftrace_regs_caller
ftrace_regs_caller:
	ftrace_regs_entry allregs=1
	b	ftrace_common
#endif
#endif

#ifdef CONFIG_FUNCTION_GRAPH_TRACER
/*
 * return_to_handler: where a graph-traced function returns to. a0 and a1 are results. The frame lies where that of the
 * entry was, so what is not stored here may still be there from then.
 */
	.globl	return_to_handler
return_to_handler:
	addi.d	$sp, $sp, -PT_SIZE
	st.d	$a0, $sp, PT_R4
	st.d	$a1, $sp, PT_R5
	st.d	$zero, $sp, PT_R22

	move	$a0, $sp			/* fregs */
	bl	ftrace_return_to_handler
	move	$ra, $a0			/* original return address */

	ld.d	$a0, $sp, PT_R4
	ld.d	$a1, $sp, PT_R5
	addi.d	$sp, $sp, PT_SIZE
	jr	$ra
#endif

#ifdef CONFIG_RETHOOK
/* Everything but zero, ra and sp, to or from a pt_regs. */
	.macro	base_registers op
	\op	$tp, $sp, PT_R2
	argument_registers \op, PT_R4
	\op	$t0, $sp, PT_R12
	\op	$t1, $sp, PT_R13
	temporaries \op
#ifdef CONFIG_RETHOOK_RESTORES_U0
	\op	u0, $sp, PT_R21			/* wrong on another CPU than it was saved on */
#endif
	\op	$fp, $sp, PT_R22
	saved_registers \op
	.endm

/* arch_rethook_trampoline: where a function hooked by rethook returns to; ra is this very address. */
	.globl	arch_rethook_trampoline
arch_rethook_trampoline:
	addi.d	$sp, $sp, -PT_SIZE
	st.d	$ra, $sp, PT_R1
	base_registers st.d
	csrrd	$t0, CSR_CRMD
	andi	$t0, $t0, CRMD_PLV_IE
	st.d	$t0, $sp, PT_CSR_CRMD
	addi.d	$t0, $sp, PT_SIZE
	st.d	$t0, $sp, PT_R3

	move	$a0, $sp			/* pt_regs */
	bl	rethook_handler
	move	$ra, $a0			/* original return address */

	base_registers ld.d
	ld.d	$t0, $sp, PT_CSR_CRMD
	li.d	$t1, CRMD_PLV_IE
	csrxchg	$t0, $t1, CSR_CRMD
	addi.d	$sp, $sp, PT_SIZE
	jr	$ra
#endif

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
/* A direct-call target that only resumes the body. */
	.globl	ftrace_stub_direct_tramp
ftrace_stub_direct_tramp:
	move	$t1, $ra
	move	$ra, $t0
	jr	$t1

/*
 * direct_tramp_N: a hand-written direct trampoline as the kernel's samples have it. Entered as from a call site
 * (t0 = return address, ra = body): saves the arguments, calls direct_func_N, resumes the body.
 */
	.macro	direct_trampoline n
	.globl	direct_tramp_\n
direct_tramp_\n:
	addi.d	$sp, $sp, -80
	argument_registers st.d
	st.d	$t0, $sp, 72
	st.d	$ra, $sp, DIRECT_SELF_IP
	bl	direct_func_\n
	argument_registers ld.d
	ld.d	$t0, $sp, DIRECT_SELF_IP
	ld.d	$ra, $sp, 72
	addi.d	$sp, $sp, 80
	jr	$t0
	.endm

	direct_trampoline 0
	direct_trampoline 1
	direct_trampoline 2
	direct_trampoline 3

/*
 * BPF trampolines as the JIT builds them (linux 7.2 arch/loongarch/net/bpf_jit.c): a frame for the traced function, one
 * for the trampoline, and the program context with the argument words, of eight registers and four stack slots, and two words of
 * result: a0 and a5, which is where BPF programs return their value.
 *   sp + 0    stack arguments handed on to the original (images that call it only)
 *   sp + 32   program context: a0-a7; S+0..S+24; a0 and a5 of the original
 *   sp + 144  s1, in the kernel the time of entry
 *   sp + 152  whether the body has returned
 *   sp + 160  frame of the trampoline {fp, t0 = return address}
 *   sp + 176  frame of the traced function {fp, ra = body}
 * Where they call the body, its address is a constant of the image, here a cell.
 */
#define BPF_FRAME	176
#define BPF_CTX		32
#define BPF_S1		144

/*
 * The words that the arguments of the function fill, no more: registers first, then from the stack through t2. t1 counts
 * what is left; the JIT knows the number and emits as many instructions.
 */
	.macro	bpf_words n
	la.pcrel $t1, bpf_slots_\n
	ld.d	$t1, $t1, 0
	.endm

	.macro	bpf_register_word op, register, at
	beqz	$t1, 8f
	\op	\register, $sp, \at
	addi.d	$t1, $t1, -1
	.endm

	.macro	bpf_register_words op
	bpf_register_word \op, $a0, BPF_CTX + 0
	bpf_register_word \op, $a1, BPF_CTX + 8
	bpf_register_word \op, $a2, BPF_CTX + 16
	bpf_register_word \op, $a3, BPF_CTX + 24
	bpf_register_word \op, $a4, BPF_CTX + 32
	bpf_register_word \op, $a5, BPF_CTX + 40
	bpf_register_word \op, $a6, BPF_CTX + 48
	bpf_register_word \op, $a7, BPF_CTX + 56
	.endm

	.macro	bpf_stack_word from, to
	beqz	$t1, 8f
	ld.d	$t2, $sp, \from
	st.d	$t2, $sp, \to
	addi.d	$t1, $t1, -1
	.endm

	.macro	bpf_stack_words from, to
	bpf_stack_word \from + 0, \to + 0
	bpf_stack_word \from + 8, \to + 8
	bpf_stack_word \from + 16, \to + 16
	bpf_stack_word \from + 24, \to + 24
8:
	.endm

	.macro	bpf_prologue n
	addi.d	$sp, $sp, -16
	st.d	$ra, $sp, 8			/* BPF_SELF_IP of the context */
	st.d	$fp, $sp, 0
	addi.d	$fp, $sp, 16
	addi.d	$sp, $sp, -BPF_FRAME
	st.d	$t0, $sp, BPF_FRAME - 8
	st.d	$fp, $sp, BPF_FRAME - 16
	addi.d	$fp, $sp, BPF_FRAME
	st.d	$s1, $sp, BPF_S1
	bpf_words \n
	bpf_register_words st.d
	bpf_stack_words BPF_FRAME+16, BPF_CTX+64
	st.d	$zero, $sp, BPF_CTX + BPF_IS_RETURN
	st.d	$zero, $sp, BPF_CTX + BPF_RETURN
	st.d	$zero, $sp, BPF_CTX + BPF_RETURN + 8
	.endm

	.macro	bpf_run function
	addi.d	$a0, $sp, BPF_CTX
	bl	\function
	.endm

	/* Back to SP = S with t0 = return address, ra = body. */
	.macro	bpf_epilogue
	ld.d	$s1, $sp, BPF_S1
	ld.d	$t0, $sp, BPF_FRAME - 8
	addi.d	$sp, $sp, BPF_FRAME
	ld.d	$ra, $sp, 8
	ld.d	$fp, $sp, 0
	addi.d	$sp, $sp, 16
	.endm

	/*
	 * The programs that may modify the return value, one after the other: the first result that is not 0 is it, and
	 * the body is passed over. The JIT unrolls the loop; s1, which counts, holds the time of entry there. A program
	 * has its value in a5 and ends with a0 = its low half, sign-extended: that is what counts.
	 */
	.macro	bpf_modify_return n, exit
	st.d	$zero, $sp, BPF_CTX + BPF_RETURN
	la.pcrel $s1, bpf_mod_links_\n
	ld.d	$s1, $s1, 0
1:	move	$a1, $s1
	bpf_run	bpf_mod_func_\n
	move	$a5, $a0
	addi.w	$a0, $a5, 0
	st.d	$a0, $sp, BPF_CTX + BPF_RETURN
	st.d	$a5, $sp, BPF_CTX + BPF_RETURN + 8
	ld.d	$t1, $sp, BPF_CTX + BPF_RETURN
	bnez	$t1, \exit
	addi.d	$s1, $s1, -1
	bnez	$s1, 1b
	.endm

	/* The body, called; a1 of its result is lost. */
	.macro	bpf_call_original n, label
	bpf_words \n
	bpf_register_words ld.d
	bpf_stack_words BPF_CTX+64, 0
	la.pcrel $t1, bpf_body_\n		/* F+8, past the call site */
	ld.d	$t1, $t1, 0
	jirl	$ra, $t1, 0
	.globl	\label
\label:
	st.d	$a0, $sp, BPF_CTX + BPF_RETURN
	st.d	$a5, $sp, BPF_CTX + BPF_RETURN + 8
	.endm

	/* Behind the body: the exit programs, and back to the parent. */
	.macro	bpf_exit n
	li.d	$t1, 1
	st.d	$t1, $sp, BPF_CTX + BPF_IS_RETURN
	bpf_run	bpf_exit_func_\n
	ld.d	$a5, $sp, BPF_CTX + BPF_RETURN + 8
	ld.d	$a0, $sp, BPF_CTX + BPF_RETURN
	bpf_epilogue
	move	$ra, $t0			/* the body has run */
	jr	$ra
	.endm

	.macro	bpf_trampoline n
	/* Entry programs only: the body runs as the caller called it. */
	.globl	bpf_fentry_\n
bpf_fentry_\n:
	bpf_prologue \n
	bpf_run	bpf_entry_func_\n
	bpf_words \n
	bpf_register_words ld.d
8:
	bpf_epilogue
	move	$t1, $ra
	move	$ra, $t0
	jr	$t1

	/* With exit programs: the trampoline calls the body itself and returns to the parent. */
	.globl	bpf_fexit_\n
bpf_fexit_\n:
	bpf_prologue \n
	bpf_run	bpf_entry_func_\n
	bpf_call_original \n, bpf_fexit_\n\()_called
	bpf_exit \n

	/* With programs that may modify the return value, too. */
	.globl	bpf_fmod_\n
bpf_fmod_\n:
	bpf_prologue \n
	bpf_run	bpf_entry_func_\n
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
