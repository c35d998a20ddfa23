/* The running node joins a ledger by an invitation. */
#include "node/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/control.h"

static const char *const join_flags[] = {"label", NULL};

enum exit_code command_join(const struct arguments *arguments)
{
    struct config *config = memory_new(sizeof *config);
    const char *label = arguments_flag(arguments, "label");
    struct buffer request = {0}, answer = {0};
    struct error error;
    enum exit_code code = EXIT_USAGE;

    if (!arguments_allow(arguments, join_flags, 1, &error)
        || !arguments_config(arguments, config, &error)
        || (label != NULL && !label_check(label, &error)))
        goto done;
    if (arguments->words_count == 0) {
        error_set(&error, ERROR_INVALID, "which invitation? lnode join LINK");
        goto done;
    }
    code = EXIT_DEGRADED;
    buffer_append_format(&request, "join %s ", label == NULL ? "-" : label);
    buffer_append_text(&request, arguments->words[0]);
    buffer_append_u8(&request, 0);
    if (!control_ask(config->data_dir, (const char *)request.data, &answer, &error))
        goto done;
    code = EXIT_OK;
    printf("joined %.*s: this node follows it now; lnode status shows how far it is\n",
           (int)answer.size - 1, (const char *)answer.data);
done:
    buffer_cleanup(&request);
    buffer_cleanup(&answer);
    free(config);
    return code == EXIT_OK ? code : fail_with(&error, code);
}
