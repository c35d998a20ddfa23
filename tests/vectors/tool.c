#include "tests/vectors/tool.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(2);
}

/* In the child: never returns. */
static void become(const char *const *arguments, FILE *in, FILE *out, FILE *errors)
{
    if (dup2(fileno(in), STDIN_FILENO) < 0 || dup2(fileno(out), STDOUT_FILENO) < 0
        || (errors != NULL && dup2(fileno(errors), STDERR_FILENO) < 0))
        _exit(126);
    execv(arguments[0], (char *const *)arguments);
    perror(arguments[0]);
    _exit(127);
}

static FILE *open_temporary(void)
{
    FILE *file = tmpfile();
    if (file == NULL)
        die("temporary file");
    return file;
}

/* Takes the whole file, adds a final zero, which is not counted, and closes it. */
static void take_all(FILE *file, struct buffer *out)
{
    char chunk[65536];
    rewind(file);
    for (size_t size; (size = fread(chunk, 1, sizeof chunk, file)) > 0;)
        buffer_append(out, chunk, size);
    buffer_append_u8(out, 0);
    out->size--;
    fclose(file);
}

int tool_run_all(const char *const *arguments, struct bytes in, struct buffer *out,
                 struct buffer *errors)
{
    FILE *input = open_temporary();
    FILE *output = open_temporary();
    FILE *error_output = errors == NULL ? NULL : open_temporary();
    int status = -1;
    if (in.size > 0 && fwrite(in.data, in.size, 1, input) != 1)
        die("temporary file");
    rewind(input);
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        become(arguments, input, output, error_output);
    if (waitpid(child, &status, 0) != child)
        die("waitpid");
    fclose(input);
    take_all(output, out);
    if (error_output != NULL)
        take_all(error_output, errors);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool tool_run(const char *const *arguments, struct bytes in, struct buffer *out)
{
    return tool_run_all(arguments, in, out, NULL) == 0;
}

void tally_pass(struct tally *tally)
{
    tally->passed++;
}

void tally_fail(struct tally *tally, const char *name, const char *why)
{
    tally->failed++;
    printf("FAILED %s: %s: %s\n", tally->category, name, why);
}

void tally_skip(struct tally *tally, const char *reason)
{
    tally->skipped++;
    for (size_t i = 0; i < tally->reasons_count; i++) {
        if (strcmp(tally->reasons[i].text, reason) == 0) {
            tally->reasons[i].count++;
            return;
        }
    }
    if (tally->reasons_count == REASONS_MAX) {
        fprintf(stderr, "more than %d reasons to skip\n", REASONS_MAX);
        exit(2);
    }
    snprintf(tally->reasons[tally->reasons_count].text, sizeof tally->reasons[0].text, "%s",
             reason);
    tally->reasons[tally->reasons_count++].count = 1;
}

void tally_print(const struct tally *tally)
{
    printf("%-18s %5zu passed %5zu failed %5zu skipped\n", tally->category, tally->passed,
           tally->failed, tally->skipped);
    for (size_t i = 0; i < tally->reasons_count; i++)
        printf("    skipped %5zu: %s\n", tally->reasons[i].count, tally->reasons[i].text);
}

static void each_in_file(const char *path,
                         void (*on_test)(void *context, const char *name, const json_t *fields),
                         void *context)
{
    json_error_t reason;
    const char *name;
    json_t *fields;
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &reason);
    if (document == NULL) {
        fprintf(stderr, "%s: line %d: %s\n", path, reason.line, reason.text);
        exit(2);
    }
    json_object_foreach(document, name, fields) on_test(context, name, fields);
    json_decref(document);
}

void vectors_each(const char *folder,
                  void (*on_test)(void *context, const char *name, const json_t *fields),
                  void *context)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        struct stat info;
        char path[4096];
        const char *name = entries[i]->d_name;
        snprintf(path, sizeof path, "%s/%s", folder, name);
        size_t size = strlen(name);
        bool is_json = size > 5 && strcmp(name + size - 5, ".json") == 0;
        if (name[0] != '.' && stat(path, &info) == 0) {
            if (S_ISDIR(info.st_mode))
                vectors_each(path, on_test, context);
            else if (is_json)
                each_in_file(path, on_test, context);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}
