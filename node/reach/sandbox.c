#include "node/reach/sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define FILES_MAX 16

#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define OUR_ARCHITECTURE 0
#endif

#define LOAD(field) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define LOAD_ARGUMENT(index) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)(offsetof(struct seccomp_data, args[index])))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define FORBIDDEN    (SECCOMP_RET_ERRNO | EPERM)
/* Little-endian machines only: the low half of an argument is where LOAD_ARGUMENT() looks. */
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), RETURN(SECCOMP_RET_ALLOW)

static struct sock_filter rules[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0),
    RETURN(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
    ALLOW(read),
    ALLOW(pread64),
    ALLOW(write),
    ALLOW(sendto),
    ALLOW(recvfrom),
    ALLOW(connect),
    ALLOW(bind),
    ALLOW(getsockname),
    ALLOW(getsockopt),
    ALLOW(setsockopt),
    ALLOW(ppoll),
    ALLOW(close),
    ALLOW(clock_gettime),
    ALLOW(restart_syscall),
    ALLOW(rt_sigreturn),
    ALLOW(brk),
    ALLOW(munmap),
    ALLOW(exit),
    ALLOW(exit_group),
#ifdef __SANITIZE_ADDRESS__
    ALLOW(sigaltstack), /* asked for before each function that does not return */
#endif
    /* Sockets of IPv4 only. */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4),
    LOAD_ARGUMENT(0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 0, 1),
    RETURN(SECCOMP_RET_ALLOW),
    RETURN(FORBIDDEN),
    /* Memory that is never code. */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 4),
    LOAD_ARGUMENT(2),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    RETURN(FORBIDDEN),
    RETURN(FORBIDDEN),
};

static bool limit(int what, rlim_t most)
{
    const struct rlimit limit = {most, most};
    return setrlimit(what, &limit) == 0;
}

bool sandbox_enter(struct error *error)
{
    const struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};

    if (OUR_ARCHITECTURE == 0)
        return error_set(error, ERROR_UNSUPPORTED, "no sandbox for this kind of processor");
    if (!limit(RLIMIT_NOFILE, FILES_MAX) || !limit(RLIMIT_CORE, 0) || !limit(RLIMIT_NPROC, 0)
        || prctl(PR_SET_DUMPABLE, 0) != 0)
        return error_set_errno(error, "could not give up what is not needed");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return error_set_errno(error, "could not enter the sandbox");
    return true;
}
