/* An invitation to a ledger of the running node: a link, and its picture. */
#include "node/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/control.h"
#include "rpc/qr.h"

#define HOURS_DEFAULT "72"

static const char *const invite_flags[] = {"hours", "json", NULL};

static void print_link(const char *label, const char *hours, const char *link)
{
    struct buffer picture = {0};
    struct error error;
    if (qr_draw(link, &picture, &error)) {
        fwrite(picture.data, 1, picture.size, stdout);
        printf("\n");
    }
    printf("%s\n\n"
           "One node may join %s with it, within %s hours. Tell it to one person only; there:\n"
           "  lnode join LINK\n"
           "It follows the ledger then, and has no seat in its committee.\n",
           link, label, hours);
    buffer_cleanup(&picture);
}

enum exit_code command_invite(const struct arguments *arguments)
{
    struct config *config = memory_new(sizeof *config);
    const char *label = arguments->words_count > 0 ? arguments->words[0] : "";
    const char *hours = arguments_flag(arguments, "hours");
    struct buffer request = {0}, answer = {0};
    struct error error;
    enum exit_code code = EXIT_USAGE;

    if (!arguments_allow(arguments, invite_flags, 1, &error)
        || !arguments_config(arguments, config, &error) || !label_check(label, &error))
        goto done;
    hours = hours == NULL ? HOURS_DEFAULT : hours;
    code = EXIT_DEGRADED;
    buffer_append_format(&request, "invite %s %.16s", label, hours);
    buffer_append_u8(&request, 0);
    if (!control_ask(config->data_dir, (const char *)request.data, &answer, &error))
        goto done;
    code = EXIT_OK;
    answer.data[answer.size - 1] = '\0'; /* in the place of the line's end */
    if (arguments_flag(arguments, "json") != NULL)
        printf("{\"link\": \"%s\"}\n", (const char *)answer.data);
    else
        print_link(label, hours, (const char *)answer.data);
done:
    buffer_cleanup(&request);
    buffer_cleanup(&answer);
    free(config);
    return code == EXIT_OK ? code : fail_with(&error, code);
}
