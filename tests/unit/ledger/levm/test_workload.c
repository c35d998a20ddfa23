#include "ledger/levm/workload.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

/* Adds what stands in slot 1 to the input's word and returns it. */
#define CODE "\"0x5f35600154015f5260205ff3\""
#define PRE                                                                  \
    "{\"0x0000000000000000000000000000000000000077\": {\"balance\": \"5\", " \
    "\"storage\": {\"0x01\": \"0x05\"}}}"
#define WORD(last) "\"0x00000000000000000000000000000000000000000000000000000000000000" last "\""

static bool load(struct workload *workload, const char *text, struct error *error)
{
    char path[] = "/tmp/workload-XXXXXX";
    int file = mkstemp(path);
    cr_assert(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    bool ok = workload_read(workload, path, error);
    unlink(path);
    return ok;
}

Test(workload, a_full_one_is_run_and_judged)
{
    static const char text[] =
        "{\"name\": \"add\", \"group\": \"storage\", \"code\": " CODE
        ", \"input\": " WORD("03") ", \"output\": " WORD(
            "08") ", \"gas\": 100000, \"gasUsed\": 2124, \"fork\": \"Cancun\", "
                  "\"receiver\": \"0x0000000000000000000000000000000000000077\", "
                  "\"prestate\": " PRE "}";
    struct workload workload;
    struct error error = {0};
    struct state_reader reader;
    struct vm *vm = vm_new();
    cr_assert(load(&workload, text, &error), "%s", error.text);
    cr_expect_str_eq(workload.name, "add");
    cr_expect_eq(workload.call.environment.fork, VM_FORK_CANCUN);
    struct state *state = call_state(&workload.call, &reader);
    struct call_outcome outcome = call_run(&workload.call, vm, state, NULL);
    cr_expect(workload_check(&workload, &outcome, &error), "%s", error.text);

    outcome.gas_used++;
    cr_expect_not(workload_check(&workload, &outcome, &error));
    cr_expect(strstr(error.text, "used 2125 gas, expected 2124") != NULL, "%s", error.text);
    outcome.output.size--;
    cr_expect_not(workload_check(&workload, &outcome, &error));
    outcome.status = VM_REVERT;
    cr_expect_not(workload_check(&workload, &outcome, &error));
    cr_expect(strstr(error.text, "expected 'success'") != NULL, "%s", error.text);
    state_free(state);
    workload_cleanup(&workload);
    vm_free(vm);
}

Test(workload, what_is_wrong_is_named)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"", "not JSON"},
        {"[1]", "not an object"},
        {"{}", "'name' is not a text"},
        {"{\"name\": \"a\", \"group\": 5}", "'group' is not a text"},
        {"{\"name\": \"a\", \"group\": \"b\"}", "'code' is missing"},
        {"{\"name\": \"a\", \"group\": \"b\", \"code\": \"0x0\"}", "'code' is not 0x"},
        {"{\"name\": \"a\", \"group\": \"b\", \"code\": \"0x00\"}", "'output' is missing"},
        {"{\"name\": \"a\", \"group\": \"b\", \"code\": \"0x00\", \"fork\": 7}", "fork ''"},
        {"{\"name\": \"a\", \"group\": \"b\", \"code\": \"0x00\", \"gas\": -1}", "'gas' is not"},
        {"{\"name\": \"a\", \"group\": \"b\", \"code\": \"0x00\", \"output\": \"0x\", "
         "\"status\": \"fine\"}",
         "'status' is not"},
        {"{\"name\": \"a\", \"group\": \"b\", \"code\": \"0x00\", \"prestate\": []}",
         "'prestate' is not an object"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct workload workload;
        struct error error = {0};
        cr_expect_not(load(&workload, cases[i].text, &error));
        cr_expect(strstr(error.text, cases[i].said) != NULL, "%s", error.text);
        workload_cleanup(&workload);
    }
}
