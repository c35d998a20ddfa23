#include "node/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/process.h"

/* Without --data-dir a throw-away ledger lives in a folder that is removed at the end. */
static bool make_temporary(struct config *config, struct error *error)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || parent[0] != '/')
        parent = "/tmp";
    if (!path_format(config->data_dir, error, "%s/leither-dev-XXXXXX", parent))
        return false;
    return mkdtemp(config->data_dir) != NULL
           || error_set_errno(error, "could not make a folder in %s", parent);
}

static bool says_data_dir(const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->settings_count; i += 2) {
        if (strcmp(arguments->settings[i], "data-dir") == 0)
            return true;
    }
    return false;
}

static enum exit_code run_dev(const struct arguments *arguments, struct config *config)
{
    struct dev_options *dev = memory_new(sizeof *dev);
    bool is_temporary = !says_data_dir(arguments);
    struct error error;
    enum exit_code code = EXIT_OK;

    if (!dev_options_parse(dev, arguments, &error)
        || (is_temporary && !make_temporary(config, &error))) {
        free(dev);
        return fail_with(&error, EXIT_USAGE);
    }
    struct process_options options = {.config = config, .dev = dev};
    if (!process_run(&options, &error))
        code = fail_with(&error, EXIT_DEGRADED);
    if (is_temporary && !dir_remove(config->data_dir, &error))
        code = fail_with(&error, EXIT_DEGRADED);
    free(dev);
    return code;
}

static enum exit_code run_node(const struct arguments *arguments, const struct config *config)
{
    struct process_options options = {.config = config};
    struct org_request first;
    bool is_wanted;
    struct error error;

    if (!first_org_parse(&first, &is_wanted, arguments, &error))
        return fail_with(&error, EXIT_USAGE);
    if (is_wanted)
        options.first_org = &first;
    return process_run(&options, &error) ? EXIT_OK : fail_with(&error, EXIT_DEGRADED);
}

enum exit_code command_run(const struct arguments *arguments)
{
    bool is_dev = arguments_flag(arguments, "dev") != NULL;
    struct config *config = memory_new(sizeof *config);
    struct error error;
    enum exit_code code;

    if (!arguments_allow(arguments, is_dev ? dev_flags : first_org_flags, 0, &error)
        || !arguments_config(arguments, config, &error)) {
        code = fail_with(&error, EXIT_USAGE);
    } else if (is_dev) {
        code = run_dev(arguments, config);
    } else {
        code = run_node(arguments, config);
    }
    free(config);
    return code;
}
