/* The commands of lnode, one file each. They return the exit code: 0 all well, 1 it failed or is
 * degraded, 2 stalled, 3 wrong usage. */
#ifndef NODE_COMMANDS_COMMANDS_H
#define NODE_COMMANDS_COMMANDS_H
#include "node/arguments.h"

enum exit_code { EXIT_OK, EXIT_DEGRADED, EXIT_STALLED, EXIT_USAGE };

enum exit_code command_run(const struct arguments *arguments);
enum exit_code command_status(const struct arguments *arguments);
enum exit_code command_accept(const struct arguments *arguments);
enum exit_code command_doctor(const struct arguments *arguments);
enum exit_code command_install(const struct arguments *arguments);
enum exit_code command_uninstall(const struct arguments *arguments);
/* Started by the node itself, never by people: node/reach/port_helper.h. */
enum exit_code command_port_helper(const struct arguments *arguments);
enum exit_code command_backup(const struct arguments *arguments);
enum exit_code command_restore(const struct arguments *arguments);
enum exit_code command_check(const struct arguments *arguments);
enum exit_code command_export(const struct arguments *arguments);
enum exit_code command_invite(const struct arguments *arguments);
enum exit_code command_join(const struct arguments *arguments);

/* Prints "lnode: SENTENCE" on standard error; returns the code. */
enum exit_code fail_with(const struct error *error, enum exit_code code);
#endif
