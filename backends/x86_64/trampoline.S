/* SPDX-License-Identifier: MIT */
/*
 * x86_64 entry trampolines, return hook and direct-call stubs.
 *
 * Entered by the CALL of the call site: the address after it (ip + 5) is on top of the stack, the traced
 * function's return address (the parent) above. F is the address of the parent's slot. The argument registers,
 * %rax (variadic calls) and the callee-saved registers are live; %r10, %r11 and the flags are free.
 * Facts: linux 6.1, 6.12, 7.2 arch/x86/kernel/ftrace_64.S. FREGS_*, KERNEL_*: layout.ts. The order of steps matters: the
 * harness asserts the offsets of the labels that the kernel patches.
 */

	.text

/*
 * What the unwinder's tables are made of, besides the instructions: hints where these do not tell how the stack is
 * (linux 7.2 arch/x86/include/asm/unwind_hints.h, include/linux/objtool_types.h). graph.ts reads the sections.
 */
#define UNWIND_HINT_TYPE_UNDEFINED	0
#define UNWIND_HINT_TYPE_CALL		2
#define UNWIND_HINT_TYPE_FUNC		5

	.macro	unwind_hint type, sp_offset=0
.Lunwind_hint_\@:
	.pushsection .discard.unwind_hints, "", @progbits
	.quad	.Lunwind_hint_\@, \type, \sp_offset
	.popsection
	.endm

	/* From here on the trace ends, or rather cannot go on. */
	.macro	unwind_hint_undefined
	unwind_hint UNWIND_HINT_TYPE_UNDEFINED
	.endm

	/* As at the first instruction of a function. */
	.macro	unwind_hint_func
	unwind_hint UNWIND_HINT_TYPE_FUNC
	.endm

	/* A call whose target is part of the same function: it stays on the stack until something takes it off. */
	.macro	annotate_intra_function_call
.Lintra_call_\@:
	.pushsection .discard.intra_function_calls, "", @progbits
	.quad	.Lintra_call_\@
	.popsection
	.endm

/* From SP to the return address when struct ftrace_regs is complete, fake frames included. */
#ifdef CONFIG_FRAME_POINTER
#define FRAME_SIZE	(FREGS_SIZE + 40)
#else
#define FRAME_SIZE	FREGS_SIZE
#endif

/* Aligned, as bit 0 of the address of a direct trampoline has a meaning. */
	.macro	code name
	/* Never directly behind other code: of what is in front of a first instruction the tables say nothing. */
	.skip	1, 0xcc
	.balign	16, 0x90
	.globl	\name
\name:
	.endm

	/* To be called: its tables begin with a return address on top of the stack. */
	.macro	function name
	.type	\name, @function
	code \name
	.endm

/*
 * Makes room for struct ftrace_regs and stores what callbacks without SAVE_REGS may read. \pushed: bytes
 * already on top of the return address. Leaves %rsi = parent_ip, %rdi = ip.
 */
	.macro	save_arguments pushed=0
#ifdef CONFIG_FRAME_POINTER
	/*
	 * The traced function has made no frame yet: one for it, returning to the parent, and one for us,
	 * returning to ip + 5.
	 */
	push	%rbp
	push	16+\pushed(%rsp)		/* parent */
	push	%rbp
	mov	%rsp, %rbp
	push	24+\pushed(%rsp)		/* ip + 5 */
	push	%rbp
	mov	%rsp, %rbp
#endif
	sub	$FREGS_SIZE, %rsp
	mov	%rax, FREGS_AX(%rsp)
	mov	%rcx, FREGS_CX(%rsp)
	mov	%rdx, FREGS_DX(%rsp)
	mov	%rsi, FREGS_SI(%rsp)
	mov	%rdi, FREGS_DI(%rsp)
	mov	%r8, FREGS_R8(%rsp)
	mov	%r9, FREGS_R9(%rsp)
	/* No direct trampoline, unless a callback names one. */
	movq	$0, FREGS_ORIG_AX(%rsp)
#ifdef CONFIG_FRAME_POINTER
	mov	FRAME_SIZE-8(%rsp), %rdx	/* %rbp as it was at entry */
#else
	mov	%rbp, %rdx
#endif
	mov	%rdx, FREGS_BP(%rsp)

	mov	FRAME_SIZE+8+\pushed(%rsp), %rsi
	mov	FRAME_SIZE+\pushed(%rsp), %rdi
	mov	%rdi, FREGS_IP(%rsp)
	sub	$5, %rdi
	.endm

/* What save_arguments stored, back; SP := return address, or \kept bytes below it. */
	.macro	restore_arguments kept=0
	mov	FREGS_BP(%rsp), %rbp
	mov	FREGS_R9(%rsp), %r9
	mov	FREGS_R8(%rsp), %r8
	mov	FREGS_DI(%rsp), %rdi
	mov	FREGS_SI(%rsp), %rsi
	mov	FREGS_DX(%rsp), %rdx
	mov	FREGS_CX(%rsp), %rcx
	mov	FREGS_AX(%rsp), %rax
	add	$(FRAME_SIZE-\kept), %rsp
	.endm

/*
 * ftrace_caller: calls func(ip, parent_ip, ops, fregs) with arguments, %rbp and SP saved, and continues
 * at fregs->ip.
 */
	function ftrace_caller
	save_arguments
	lea	FRAME_SIZE+8(%rsp), %rcx	/* F */
	mov	%rcx, FREGS_SP(%rsp)

	.globl	ftrace_caller_op_ptr
ftrace_caller_op_ptr:
	mov	function_trace_op(%rip), %rdx
	lea	(%rsp), %rcx			/* fregs */
	/* The mark of a partial block, for ftrace_get_regs(). */
	movq	$0, FREGS_CS(%rsp)

	.globl	ftrace_call
ftrace_call:
	call	ftrace_stub			/* patched */

	/* Return to wherever a callback wants. */
	mov	FREGS_IP(%rsp), %rax
	mov	%rax, FRAME_SIZE(%rsp)
	restore_arguments
	.globl	ftrace_caller_end
ftrace_caller_end:
	ret

	function ftrace_stub
	ret

/* A direct-call target that only resumes the body. */
	function ftrace_stub_direct_tramp
	ret

/* Where an overridden function continues (arch/x86/lib/error-inject.c): back to its caller. */
	function just_return_func
	ret

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_REGS
/*
 * ftrace_regs_caller: the same with a full pt_regs. A callback that leaves an address in orig_ax
 * (arch_ftrace_set_direct_caller) sends the call on to that direct trampoline.
 */
	function ftrace_regs_caller
	pushfq					/* before the first SUB */
	/* Names that the kernel has none for: places where cases interrupt. */
ftrace_regs_caller_flags:
	save_arguments 8

	.globl	ftrace_regs_caller_op_ptr
ftrace_regs_caller_op_ptr:
	mov	function_trace_op(%rip), %rdx

	mov	%r15, FREGS_R15(%rsp)
	mov	%r14, FREGS_R14(%rsp)
	mov	%r13, FREGS_R13(%rsp)
	mov	%r12, FREGS_R12(%rsp)
	mov	%r11, FREGS_R11(%rsp)
	mov	%r10, FREGS_R10(%rsp)
	mov	%rbx, FREGS_BX(%rsp)
	mov	FRAME_SIZE(%rsp), %rcx
	mov	%rcx, FREGS_FLAGS(%rsp)
	/* Kernel mode, whoever looks. */
	mov	$KERNEL_DS, %rcx
	mov	%rcx, FREGS_SS(%rsp)
	mov	$KERNEL_CS, %rcx
	mov	%rcx, FREGS_CS(%rsp)
	lea	FRAME_SIZE+16(%rsp), %rcx	/* F, above flags and return address */
	mov	%rcx, FREGS_SP(%rsp)
#ifdef CONFIG_FRAME_POINTER
	/* An odd %rbp tells the unwinder that it points to a pt_regs. */
	lea	1(%rsp), %rbp
#endif
	lea	(%rsp), %rcx			/* fregs */

	.globl	ftrace_regs_call
ftrace_regs_call:
	call	ftrace_stub			/* patched */

	mov	FREGS_FLAGS(%rsp), %rax
	mov	%rax, FRAME_SIZE(%rsp)
	mov	FREGS_IP(%rsp), %rax
	mov	%rax, FRAME_SIZE+8(%rsp)

	/* %r11 stays as it is, and so do changed cs, ss and sp. */
	mov	FREGS_R15(%rsp), %r15
	mov	FREGS_R14(%rsp), %r14
	mov	FREGS_R13(%rsp), %r13
	mov	FREGS_R12(%rsp), %r12
	mov	FREGS_R10(%rsp), %r10
	mov	FREGS_BX(%rsp), %rbx

	mov	FREGS_ORIG_AX(%rsp), %rax
	mov	%rax, FRAME_SIZE-8(%rsp)
	test	%rax, %rax
	.globl	ftrace_regs_caller_jmp
ftrace_regs_caller_jmp:
	jnz	1f

	restore_arguments
ftrace_regs_caller_restored:
	popfq
	.globl	ftrace_regs_caller_end
ftrace_regs_caller_end:
	ret

	/* The target travels on the stack, as every register is the traced function's again. */
1:
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_JMP
	testb	$1, %al
	jz	2f
	/* Jump mode: it takes the place of ip + 5, so that the parent is on top when it runs. */
	and	$~1, %rax
	mov	%rax, FRAME_SIZE+8(%rsp)
	restore_arguments
ftrace_regs_caller_jumps:
	popfq
	ret
2:
#endif
	/* Call mode: ip + 5 stays above it. The flags move down to make room. */
	mov	FRAME_SIZE(%rsp), %rdi
	mov	%rdi, FRAME_SIZE-8(%rsp)
	mov	%rax, FRAME_SIZE(%rsp)
	restore_arguments 8
ftrace_regs_caller_direct:
	popfq
	/* The target counts as the return address, as it is one to the RET. */
	unwind_hint_func
#ifdef CONFIG_FTRACE_DIRECT_BALANCED_RET
	/* A call for the RET to pair with; the ADD costs the flags. */
	annotate_intra_function_call
	call	3f
	int3
3:
	add	$8, %rsp
#endif
	ret
#endif

#ifdef CONFIG_FUNCTION_GRAPH_TRACER
/*
 * return_to_handler: where a graph-traced function returns to. %rax, %rdx are the result. SP here is R; the
 * word below still holds our address.
 */
	code return_to_handler
	unwind_hint_undefined
#ifdef CONFIG_HAVE_FUNCTION_GRAPH_FREGS
	/* SP is lowered over that word so that the unwinder finds it. */
	mov	%rsp, %rdi
	sub	$8, %rsp
	unwind_hint_func
	sub	$FREGS_SIZE, %rsp
	mov	%rax, FREGS_AX(%rsp)
	mov	%rdx, FREGS_DX(%rsp)
	mov	%rbp, FREGS_BP(%rsp)
	mov	%rdi, FREGS_SP(%rsp)

	mov	%rsp, %rdi			/* fregs */
	call	ftrace_return_to_handler
	mov	%rax, %rdi			/* original return address */

	mov	FREGS_DX(%rsp), %rdx
	mov	FREGS_AX(%rsp), %rax
	add	$(FREGS_SIZE+8), %rsp
#else
	/* That word is overwritten: no handler can see a trace through here. */
	sub	$16, %rsp
	mov	%rax, (%rsp)
	mov	%rdx, 8(%rsp)
	mov	%rbp, %rdi			/* frame pointer, if there are any */
	call	ftrace_return_to_handler
	mov	%rax, %rdi			/* original return address */
	mov	8(%rsp), %rdx
	mov	(%rsp), %rax
	add	$16, %rsp
#endif
	/* An indirect jump would need a landing pad at every return site: a call, its address replaced. */
	annotate_intra_function_call
	call	1f
	int3
1:
	mov	%rdi, (%rsp)
	ret
#endif

#ifdef CONFIG_RETHOOK
/*
 * arch_rethook_trampoline: where a function hooked by a kretprobe (before 7.2 also by an fprobe) returns to.
 * Builds a pt_regs below the popped slot, which holds our address again; rethook_handler(regs) puts the real one
 * there and copies the flags over ss. cs, ip and orig_ax are left to it. Facts: arch/x86/kernel/rethook.c.
 */
	function arch_rethook_trampoline
	push	$arch_rethook_trampoline
	unwind_hint_func
	push	$KERNEL_DS
	push	%rsp
	pushfq
	sub	$24, %rsp
	push	%rdi
	push	%rsi
	push	%rdx
	push	%rcx
	push	%rax
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
#ifdef CONFIG_FRAME_POINTER
	lea	1(%rsp), %rbp
#endif
	mov	%rsp, %rdi			/* regs */
	call	rethook_handler
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rax
	pop	%rcx
	pop	%rdx
	pop	%rsi
	pop	%rdi
	add	$24, %rsp			/* orig_ax, ip, cs */
	add	$16, %rsp			/* flags, sp */
	popfq					/* from ss */
	ret
#endif

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
/*
 * direct_tramp_N: a hand-written direct trampoline as the kernel's samples have it, for call mode (ip + 5 on
 * top): saves what the function is passed, calls direct_func_N, resumes the body.
 */
	.macro	direct_trampoline n
	function direct_tramp_\n
	push	%rbp
	mov	%rsp, %rbp
	push	%rdi
	push	%rsi
	push	%rdx
	push	%rcx
	push	%r8
	push	%r9
	push	%rax
	call	direct_func_\n
	pop	%rax
	pop	%r9
	pop	%r8
	pop	%rcx
	pop	%rdx
	pop	%rsi
	pop	%rdi
	pop	%rbp
	ret

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_JMP
	/* Entered by a jump: the parent is on top. With what a call would have pushed it is the same. */
	function direct_tramp_\n\()_jmp
	push	direct_tramp_\n\()_body(%rip)
	jmp	direct_tramp_\n
#endif
	.endm

	direct_trampoline 0
	direct_trampoline 1
	direct_trampoline 2
	direct_trampoline 3

/*
 * BPF trampolines as the JIT builds them (linux 6.1, 6.12, 7.2 arch/x86/net/bpf_jit_comp.c). No objtool sees them: the
 * unwinder has to rely on %rbp.
 *   rsp + 0    stack arguments handed on to the original (images that call it only)
 *   rsp + 48   address in the body, number of argument words; six registers, six stack words; return value; whether
 *              the body has returned
 *   rsp + 176  rbx
 *   rbp + 0    caller's rbp, resume address (call mode only), parent, stack arguments
 * The body's address is a constant of the image, here a cell. Where the function may be livepatched
 * (BPF_TRAMP_F_ORIG_STACK) it is the one on the stack.
 */
#define BPF_FRAME	184
#define BPF_CTX		64
#define BPF_RBX		176

	.macro	bpf_copy_word from, to
	mov	\from, %rax
	mov	%rax, \to
	.endm

	/* A landing pad at the start of the image. */
	.macro	bpf_landing
#if defined(CONFIG_BPF_TRAMPOLINE_ENDBR) && defined(CONFIG_X86_KERNEL_IBT)
	endbr64
#endif
	.endm

	/* \body: where the body's address is; \called: bytes that a call of the trampoline has pushed. */
	.macro	bpf_prologue body, called
	bpf_landing
	push	%rbp
	mov	%rsp, %rbp
	sub	$BPF_FRAME, %rsp
	mov	%rbx, BPF_RBX(%rsp)
	movq	$BPF_WORDS, BPF_CTX+BPF_COUNT(%rsp)
	mov	%rdi, BPF_CTX+BPF_ARGS(%rsp)
	mov	%rsi, BPF_CTX+BPF_ARGS+8(%rsp)
	mov	%rdx, BPF_CTX+BPF_ARGS+16(%rsp)
	mov	%rcx, BPF_CTX+BPF_ARGS+24(%rsp)
	mov	%r8, BPF_CTX+BPF_ARGS+32(%rsp)
	mov	%r9, BPF_CTX+BPF_ARGS+40(%rsp)
	bpf_copy_word \body, BPF_CTX+BPF_SELF_IP(%rsp)
#ifdef CONFIG_BPF_TRAMPOLINE_STACK_ARGS
	bpf_copy_word 16+\called(%rbp), BPF_CTX+BPF_ARGS+48(%rsp)
	bpf_copy_word 24+\called(%rbp), BPF_CTX+BPF_ARGS+56(%rsp)
	bpf_copy_word 32+\called(%rbp), BPF_CTX+BPF_ARGS+64(%rsp)
	bpf_copy_word 40+\called(%rbp), BPF_CTX+BPF_ARGS+72(%rsp)
	bpf_copy_word 48+\called(%rbp), BPF_CTX+BPF_ARGS+80(%rsp)
	bpf_copy_word 56+\called(%rbp), BPF_CTX+BPF_ARGS+88(%rsp)
#endif
	movq	$0, BPF_CTX+BPF_RETURN(%rsp)
	movq	$0, BPF_CTX+BPF_IS_RETURN(%rsp)
	.endm

	.macro	bpf_restore_registers
	mov	BPF_CTX+BPF_ARGS(%rsp), %rdi
	mov	BPF_CTX+BPF_ARGS+8(%rsp), %rsi
	mov	BPF_CTX+BPF_ARGS+16(%rsp), %rdx
	mov	BPF_CTX+BPF_ARGS+24(%rsp), %rcx
	mov	BPF_CTX+BPF_ARGS+32(%rsp), %r8
	mov	BPF_CTX+BPF_ARGS+40(%rsp), %r9
	.endm

	.macro	bpf_run function
	lea	BPF_CTX(%rsp), %rdi
	call	\function
	.endm

	.macro	bpf_epilogue
	mov	BPF_RBX(%rsp), %rbx
	leave
	.endm

	/*
	 * The programs that may modify the return value, one after the other: the first result that is not 0 is it, and
	 * the body is passed over. The JIT unrolls the loop; %rbx, which counts, holds the start time there.
	 */
	.macro	bpf_modify_return n
	movq	$0, BPF_CTX+BPF_RETURN(%rsp)
	mov	bpf_mod_links_\n(%rip), %rbx
2:	mov	%rbx, %rsi
	bpf_run	bpf_mod_func_\n
	mov	%rax, BPF_CTX+BPF_RETURN(%rsp)
	cmpq	$0, BPF_CTX+BPF_RETURN(%rsp)
	jne	4f
	sub	$1, %rbx
	jnz	2b
	.endm

	/* The body, called; the second word of a result is lost. */
	.macro	bpf_call_original body, label
#ifdef CONFIG_BPF_TRAMPOLINE_STACK_ARGS
	bpf_copy_word BPF_CTX+BPF_ARGS+48(%rsp), (%rsp)
	bpf_copy_word BPF_CTX+BPF_ARGS+56(%rsp), 8(%rsp)
	bpf_copy_word BPF_CTX+BPF_ARGS+64(%rsp), 16(%rsp)
	bpf_copy_word BPF_CTX+BPF_ARGS+72(%rsp), 24(%rsp)
	bpf_copy_word BPF_CTX+BPF_ARGS+80(%rsp), 32(%rsp)
	bpf_copy_word BPF_CTX+BPF_ARGS+88(%rsp), 40(%rsp)
#endif
	bpf_restore_registers
	mov	\body, %rax
	call	*%rax
	.globl	\label
\label:
	mov	%rax, BPF_CTX+BPF_RETURN(%rsp)
	.endm

	.macro	bpf_exit n
4:	movq	$1, BPF_CTX+BPF_IS_RETURN(%rsp)
	bpf_run	bpf_exit_func_\n
	mov	BPF_CTX+BPF_RETURN(%rsp), %rax
	bpf_epilogue
	.endm

	/* An image that calls the body itself and returns to the parent. */
	.macro	bpf_around n, suffix, body, called
	code bpf_fexit_\n\suffix
	bpf_prologue \body, \called
	bpf_run	bpf_entry_func_\n
	bpf_call_original \body, bpf_fexit_\n\suffix\()_called
	bpf_exit \n
	.if	\called
	add	$8, %rsp			/* not into the body a second time */
	.endif
	ret

	code bpf_fmod_\n\suffix
	bpf_prologue \body, \called
	bpf_run	bpf_entry_func_\n
	bpf_modify_return \n
	bpf_call_original \body, bpf_fmod_\n\suffix\()_called
	bpf_exit \n
	.if	\called
	add	$8, %rsp
	.endif
	ret
	.endm

	.macro	bpf_trampoline n
	/* Entry programs only: the body runs as the caller called it. */
	code bpf_fentry_\n
	bpf_prologue 8(%rbp), 8
	bpf_run	bpf_entry_func_\n
	bpf_restore_registers
	bpf_epilogue
	ret

	bpf_around \n, , bpf_body_\n(%rip), 8
	bpf_around \n, _stack, 8(%rbp), 8
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_JMP
	/* Entered by a jump: the parent is on top, there is nothing to skip. */
	bpf_around \n, _jmp, bpf_body_\n(%rip), 0
#endif
	.endm

	bpf_trampoline 0
	bpf_trampoline 1
	bpf_trampoline 2
	bpf_trampoline 3
#endif
