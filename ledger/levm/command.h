/* The commands of levm, one file each: arguments behind the command's name in, exit code out.
 * 0 when the work was done, 1 for input that cannot be read, 2 for wrong usage. */
#ifndef LEDGER_LEVM_COMMAND_H
#define LEDGER_LEVM_COMMAND_H
#include "vm/base/error.h"
#include "vm/vm.h"

#define EXIT_DONE  0
#define EXIT_INPUT 1
#define EXIT_USAGE 2

int bench_command(int count, char **arguments);
int run_command(int count, char **arguments);
int statetest_command(int count, char **arguments);
int disasm_command(int count, char **arguments);
int keystore_command(int count, char **arguments);
int rlp_command(int count, char **arguments);
int t8n_command(int count, char **arguments); /* exit codes: t8n.h */
int trie_command(int count, char **arguments);
int tx_command(int count, char **arguments);

/* One line on stderr, "levm: ..."; returns EXIT_INPUT. */
int command_failed(const struct error *error);
/* The same for wrong usage of a command; returns EXIT_USAGE. */
int command_misused(const char *command, const struct error *error);
/* The fork of this name, or ERROR_INVALID. */
bool command_fork(enum vm_fork *fork, const char *name, struct error *error);
#endif
