/* SPDX-License-Identifier: MIT */
/*
 * s390 entry trampolines, return hooks, the stub shared by all hotpatch trampolines, and direct-call stubs.
 *
 * A patched site leaves %r0 = ip + 6, where the body begins; %r14 is still the return address of the traced
 * function (the parent) and %r15 its stack pointer S. %r2-%r6 are arguments, %r6-%r13 and %r15 preserved by C;
 * %r0, %r1 and the condition code are free, but nothing may change the condition code before EPSW has seen it.
 * Frames are packed: [S, S + 160) belongs to the traced function, %r14 is saved at S + 136, and the back chain is
 * the word at 152 of a frame.
 * Facts: linux 6.1, 6.12, 7.2 arch/s390/kernel/mcount.S. FREGS_*, SF_*, STACK_FRAME_OVERHEAD: layout.ts.
 */

	.text

/* struct ftrace_regs while a callback runs, from %r15. */
#define STACK_FREGS		STACK_FRAME_OVERHEAD
#define STACK_FREGS_PSW		(STACK_FREGS + FREGS_PSW_MASK)
#define STACK_FREGS_GPRS	(STACK_FREGS + FREGS_GPRS_0_)
#define STACK_FREGS_ORIG_GPR2	(STACK_FREGS + FREGS_ORIG_GPR2)
#define STACK_FREGS_FLAGS	(STACK_FREGS + FREGS_FLAGS)
#define STACK_FRAME		(STACK_FRAME_OVERHEAD + FREGS_SIZE)

/* Room for %r14, %r15 and the back chain: all that a frame must have. */
#define SMALL_FRAME		(STACK_FRAME_OVERHEAD - SF_R14)

/* PIF_FTRACE_FULL_REGS */
#define FULL_REGS		16

	.macro	function name
	.balign	16, 0x07
	.globl	\name
\name:
	.endm

/* Indirect branches. An expoline build goes through EXRL, behind which nothing is fetched speculatively. */
#ifdef CONFIG_EXPOLINE
	.macro	thunk target
__s390_indirect_jump_\target:
	exrl	%r0, 0f
	j	.
0:	br	%\target
	.endm

	thunk	r1
	thunk	r14

	.macro	branch target
	jg	__s390_indirect_jump_\target
	.endm

	.macro	call_r1
	brasl	%r14, __s390_indirect_jump_r1
	.endm
#else
	.macro	branch target
	br	%\target
	.endm

	.macro	call_r1
	basr	%r14, %r1
	.endm
#endif

/*
 * Entered from a function's hotpatch trampoline with %r1 behind the BRASL that starts it. Two bytes of padding
 * farther lie the address of the body and the one to call.
 */
	function ftrace_shared_hotpatch_trampoline_br
	lmg	%r0, %r1, 2(%r1)
	br	%r1
	.globl	ftrace_shared_hotpatch_trampoline_br_end
ftrace_shared_hotpatch_trampoline_br_end:

#ifdef CONFIG_EXPOLINE
	function ftrace_shared_hotpatch_trampoline_exrl
	lmg	%r0, %r1, 2(%r1)
	exrl	%r0, 0f
	j	.
0:	br	%r1
	.globl	ftrace_shared_hotpatch_trampoline_exrl_end
ftrace_shared_hotpatch_trampoline_exrl_end:
#endif

	function ftrace_stub
	branch	r14

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
/* A direct-call target that only resumes the body. */
	function ftrace_stub_direct_tramp
	lgr	%r1, %r0
	branch	r1
#endif

/*
 * Two frames and struct ftrace_regs between them:
 *   S - 24   a small frame in the name of the traced function, whose return address is the body
 *   S - 224  struct ftrace_regs
 *   S - 384  the frame from which the callback is called
 * With full=1 the PSW mask is stored too, and the block marked as complete; %r0 and %r1 are not in it even then.
 */
	.macro	save_registers full=0
	stg	%r14, SF_R14(%r15)		/* in the traced function's area */
	.if	\full
	epsw	%r1, %r14			/* bits 0-31, 32-63 */
	risbg	%r14, %r1, 0, 31, 32
	.endif
	lgr	%r1, %r15
	aghi	%r15, -SMALL_FRAME
	stg	%r1, SF_BACKCHAIN(%r15)
	stg	%r0, SF_R14(%r15)
	stg	%r15, SF_R15(%r15)
	aghi	%r15, -STACK_FRAME
	stg	%r1, STACK_FREGS_GPRS+15*8(%r15)
	/* No direct trampoline, unless a callback names one. */
	xc	STACK_FREGS_ORIG_GPR2(8, %r15), STACK_FREGS_ORIG_GPR2(%r15)
	.if	\full
	stg	%r14, STACK_FREGS_PSW(%r15)
	mvghi	STACK_FREGS_FLAGS(%r15), FULL_REGS
	.else
	xc	STACK_FREGS_FLAGS(8, %r15), STACK_FREGS_FLAGS(%r15)
	.endif
	lg	%r14, SF_R14(%r1)		/* it may have been spent on the mask */
	aghi	%r1, -SMALL_FRAME
	stg	%r1, SF_BACKCHAIN(%r15)
	stg	%r0, STACK_FREGS_PSW+8(%r15)
	stmg	%r2, %r14, STACK_FREGS_GPRS+2*8(%r15)
	.endm

/* With SAVE_REGS. */
	function ftrace_regs_caller
	save_registers full=1
	j	ftrace_common

	function ftrace_caller
	save_registers
	j	ftrace_common

/* Calls ftrace_func(ip, parent_ip, ops, fregs) and continues where fregs say. */
	function ftrace_common
#ifdef CONFIG_HAVE_MARCH_Z196_FEATURES
	aghik	%r2, %r0, -6			/* ip */
	lgrl	%r4, function_trace_op
	lgrl	%r1, ftrace_func
#else
	lgr	%r2, %r0
	aghi	%r2, -6
	larl	%r4, function_trace_op
	lg	%r4, 0(%r4)
	larl	%r1, ftrace_func
	lg	%r1, 0(%r1)
#endif
	lgr	%r3, %r14			/* parent_ip */
	la	%r5, STACK_FREGS(%r15)
	call_r1

#if defined(CONFIG_FUNCTION_GRAPH_TRACER) && !defined(CONFIG_HAVE_FTRACE_GRAPH_FUNC)
/*
 * The graph tracer's hook comes after the callbacks and takes what they made of the registers: return address, stack
 * pointer, where to continue. Its result is the return address from now on. The branch over it is spelled out, as its
 * second byte is patched: it branches never while the tracer is on.
 */
	.globl	ftrace_graph_caller
ftrace_graph_caller:
	.short	0xa7f4, (.Lgraph_done - ftrace_graph_caller) / 2	/* j .Lgraph_done */
	lmg	%r2, %r3, STACK_FREGS_GPRS+14*8(%r15)
	lg	%r4, STACK_FREGS_PSW+8(%r15)
	brasl	%r14, prepare_ftrace_return
	stg	%r2, STACK_FREGS_GPRS+14*8(%r15)
.Lgraph_done:
#endif

	/* A direct trampoline needs the address of the body just as a site would have left it. */
	lg	%r0, STACK_FREGS_PSW+8(%r15)
#ifdef CONFIG_HAVE_MARCH_Z196_FEATURES
	ltg	%r1, STACK_FREGS_ORIG_GPR2(%r15)
	locgr	%r1, %r0, 8
#else
	lg	%r1, STACK_FREGS_ORIG_GPR2(%r15)
	ltgr	%r1, %r1
	jnz	.Lresume
	lgr	%r1, %r0
.Lresume:
#endif
	lmg	%r2, %r15, STACK_FREGS_GPRS+2*8(%r15)	/* a changed stack pointer is taken */
	branch	r1

#ifdef CONFIG_FUNCTION_GRAPH_TRACER
/*
 * return_to_handler: where a graph-traced function returns to, with SP = S. %r2 is the result; it is kept in the area
 * that was the function's, and what handlers write to fregs does not reach it.
 */
	function return_to_handler
	stmg	%r2, %r5, 32(%r15)
#ifdef CONFIG_HAVE_FUNCTION_GRAPH_FREGS
	lgr	%r1, %r15
	aghi	%r15, -STACK_FRAME
	stg	%r1, SF_BACKCHAIN(%r15)
	stg	%r2, STACK_FREGS_GPRS+2*8(%r15)
	stg	%r1, STACK_FREGS_GPRS+15*8(%r15)
	la	%r2, STACK_FREGS(%r15)
	brasl	%r14, ftrace_return_to_handler
	aghi	%r15, STACK_FRAME
#else
	lgr	%r1, %r15
	aghi	%r15, -STACK_FRAME_OVERHEAD
	stg	%r1, SF_BACKCHAIN(%r15)
	brasl	%r14, ftrace_return_to_handler	/* its argument is nobody's business: the result */
	aghi	%r15, STACK_FRAME_OVERHEAD
#endif
	lgr	%r14, %r2			/* original return address */
	lmg	%r2, %r5, 32(%r15)
	branch	r14
#endif

#ifdef CONFIG_KRETPROBES
/*
 * Where a function with a kretprobe returns to: a pt_regs for the handlers, who may change all of it but the stack
 * pointer. LPSWE takes mask, condition code and address from the first words of the function's former area.
 */
#ifdef CONFIG_RETHOOK
	function arch_rethook_trampoline
#else
	function __kretprobe_trampoline
#endif
1:	stg	%r14, SF_R14(%r15)
	lay	%r15, -STACK_FRAME(%r15)
	stmg	%r0, %r14, STACK_FREGS_GPRS(%r15)
	lay	%r7, STACK_FRAME(%r15)		/* S; kept by C */
	stg	%r7, SF_BACKCHAIN(%r15)
	stg	%r7, STACK_FREGS_GPRS+15*8(%r15)
	epsw	%r2, %r3
	risbg	%r3, %r2, 0, 31, 32
	stg	%r3, STACK_FREGS_PSW(%r15)
	larl	%r1, 1b
	stg	%r1, STACK_FREGS_PSW+8(%r15)

	lay	%r2, STACK_FREGS(%r15)
	brasl	%r14, rethook_handler

	mvc	0(16, %r7), STACK_FREGS_PSW(%r15)
	lmg	%r0, %r15, STACK_FREGS_GPRS(%r15)
	lpswe	0(%r15)
#endif

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
/*
 * direct_tramp_N: a hand-written direct trampoline as the kernel's samples have it. Entered as from a call site:
 * saves %r0-%r5 in the area of the traced function, calls direct_func_N, resumes the body.
 */
	.macro	direct_trampoline n
	function direct_tramp_\n
	lgr	%r1, %r15
	stmg	%r0, %r5, DIRECT_SELF_IP-STACK_FRAME_OVERHEAD(%r15)
	stg	%r14, SF_R14(%r15)
	aghi	%r15, -STACK_FRAME_OVERHEAD
	stg	%r1, SF_BACKCHAIN(%r15)
	brasl	%r14, direct_func_\n
	aghi	%r15, STACK_FRAME_OVERHEAD
	lmg	%r0, %r5, DIRECT_SELF_IP-STACK_FRAME_OVERHEAD(%r15)
	lg	%r14, SF_R14(%r15)
	lgr	%r1, %r0
	branch	r1
	.endm

	direct_trampoline 0
	direct_trampoline 1
	direct_trampoline 2
	direct_trampoline 3

/*
 * BPF trampolines as the JIT builds them (linux 6.12, 7.2 arch/s390/net/bpf_jit_comp.c). The address of the body is a
 * constant of the image, here a cell, whatever %r0 says; where the function may be livepatched (BPF_TRAMP_F_ORIG_STACK)
 * an image that calls the body takes it from %r0. From %r15:
 *   160  seven stack arguments handed on to the original (images that call it only)
 *   216  resume address; five register arguments, seven stack words; return value
 *   328  %r7, %r8
 *   344  whether the body has returned
 */
#define BPF_STACK_BYTES	56
#define BPF_CTX		(STACK_FRAME_OVERHEAD + BPF_STACK_BYTES - BPF_SELF_IP)
#define BPF_STACK_WORDS	(BPF_CTX + BPF_ARGS + 40)
#define BPF_R7_R8	(BPF_CTX + BPF_RETURN + 8)
#define BPF_FRAME	(BPF_CTX + BPF_IS_RETURN + 8)

	.macro	bpf_prologue
	stg	%r14, SF_R14(%r15)
	lgr	%r1, %r15
	aghi	%r15, -BPF_FRAME
	stg	%r1, SF_BACKCHAIN(%r15)
	stmg	%r2, %r6, BPF_CTX+BPF_ARGS(%r15)
	mvc	BPF_STACK_WORDS(BPF_STACK_BYTES, %r15), BPF_FRAME+STACK_FRAME_OVERHEAD(%r15)
	stmg	%r7, %r8, BPF_R7_R8(%r15)
	xc	BPF_CTX+BPF_RETURN(8, %r15), BPF_CTX+BPF_RETURN(%r15)
	xc	BPF_CTX+BPF_IS_RETURN(8, %r15), BPF_CTX+BPF_IS_RETURN(%r15)
	.endm

	.macro	bpf_run function
	la	%r2, BPF_CTX(%r15)
	brasl	%r14, \function
	.endm

	/* Back to SP = S with the parent in %r14. */
	.macro	bpf_epilogue
	lmg	%r7, %r8, BPF_R7_R8(%r15)
	aghi	%r15, BPF_FRAME
	lg	%r14, SF_R14(%r15)
	.endm

	/*
	 * The programs that may modify the return value, one after the other: the first result that is not 0 is it, and
	 * the body is passed over. The JIT unrolls the loop; %r7, which counts, holds the start time there.
	 */
	.macro	bpf_modify_return n, exit
	xc	BPF_CTX+BPF_RETURN(8, %r15), BPF_CTX+BPF_RETURN(%r15)
	lgrl	%r7, bpf_mod_links_\n
1:	lgr	%r3, %r7
	bpf_run	bpf_mod_func_\n
	stg	%r2, BPF_CTX+BPF_RETURN(%r15)
	ltg	%r0, BPF_CTX+BPF_RETURN(%r15)
	brcl	7, \exit
	aghi	%r7, -1
	ltgr	%r7, %r7
	brc	7, 1b
	.endm

	/* The body, called at the address in %r8. */
	.macro	bpf_call_original label
	mvc	STACK_FRAME_OVERHEAD(BPF_STACK_BYTES, %r15), BPF_STACK_WORDS(%r15)
	lmg	%r2, %r6, BPF_CTX+BPF_ARGS(%r15)
	lgr	%r1, %r8
	call_r1
	.globl	\label
\label:
	stg	%r2, BPF_CTX+BPF_RETURN(%r15)
	.endm

	/* The JIT has the mark in front of the label: who passes over the body does not get it. */
	.macro	bpf_exit n, label
	mvghi	BPF_CTX+BPF_IS_RETURN(%r15), 1
\label:
	bpf_run	bpf_exit_func_\n
	lg	%r2, BPF_CTX+BPF_RETURN(%r15)
	bpf_epilogue
	branch	r14
	.endm

	/* Where the body is: in a constant, or where the site left it. */
	.macro	bpf_body n, suffix
	.ifc	\suffix, _stack
	lgr	%r8, %r0
	.else
	lgrl	%r8, bpf_body_\n
	.endif
	stg	%r8, BPF_CTX+BPF_SELF_IP(%r15)
	.endm

	/* Images that call the body themselves and return to the parent. */
	.macro	bpf_around n, suffix
	function bpf_fexit_\n\suffix
	bpf_prologue
	bpf_body \n, \suffix
	bpf_run	bpf_entry_func_\n
	bpf_call_original bpf_fexit_\n\suffix\()_called
	bpf_exit \n, bpf_fexit_\n\suffix\()_exit

	function bpf_fmod_\n\suffix
	bpf_prologue
	bpf_body \n, \suffix
	bpf_run	bpf_entry_func_\n
	bpf_modify_return \n, bpf_fmod_\n\suffix\()_exit
	bpf_call_original bpf_fmod_\n\suffix\()_called
	bpf_exit \n, bpf_fmod_\n\suffix\()_exit
	.endm

	.macro	bpf_trampoline n
	/* Entry programs only: the body runs as the caller called it. */
	function bpf_fentry_\n
	bpf_prologue
	bpf_body \n
	bpf_run	bpf_entry_func_\n
	lmg	%r2, %r6, BPF_CTX+BPF_ARGS(%r15)
	lg	%r1, BPF_CTX+BPF_SELF_IP(%r15)
	bpf_epilogue
	branch	r1

	bpf_around \n
	bpf_around \n, _stack
	.endm

	bpf_trampoline 0
	bpf_trampoline 1
	bpf_trampoline 2
	bpf_trampoline 3
#endif
