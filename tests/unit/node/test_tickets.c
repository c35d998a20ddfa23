/* Invitations are used once. */
#include "node/tickets.h"
#include "tests/unit/node/temporary.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "node/files.h"

static char *folder;

static void start(void)
{
    folder = temporary_folder();
}

static void stop(void)
{
    temporary_remove(folder);
}

TestSuite(tickets, .init = start, .fini = stop, .timeout = 60);

static struct invitation ticket(unsigned number, uint64_t expires_s)
{
    struct invitation invitation = {.expires_s = expires_s};
    memcpy(invitation.ticket, &number, sizeof number);
    return invitation;
}

static const struct node_id one = {{2, 1}}, other = {{3, 2}};

static enum error_code take(const struct invitation *invitation, const struct node_id *who,
                            uint64_t now_s)
{
    struct error error = {ERROR_NONE, ""};
    return tickets_take(folder, invitation, who, now_s, &error) ? ERROR_NONE : error.code;
}

Test(tickets, are_good_for_one_node)
{
    const struct invitation first = ticket(1, 1000), second = ticket(2, 2000);
    cr_expect_eq(take(&first, &one, 10), ERROR_NONE);
    cr_expect_eq(take(&first, &one, 20), ERROR_NONE); /* its answer was lost */
    cr_expect_eq(take(&first, &other, 30), ERROR_EXISTS);
    cr_expect_eq(take(&second, &other, 40), ERROR_NONE);
    cr_expect_eq(take(&second, &one, 1500), ERROR_EXISTS); /* also when others have expired */
}

/* Those that have expired leave room. */
Test(tickets, are_bounded)
{
    for (unsigned i = 0; i < TICKETS_MAX; i++) {
        const struct invitation invitation = ticket(i, i == 0 ? 500 : 1000);
        cr_assert_eq(take(&invitation, &one, 10), ERROR_NONE);
    }
    const struct invitation more = ticket(TICKETS_MAX, 1000), known = ticket(7, 1000);
    cr_expect_eq(take(&more, &one, 10), ERROR_BUSY);
    cr_expect_eq(take(&known, &one, 10), ERROR_NONE);
    cr_expect_eq(take(&more, &one, 500), ERROR_NONE);
}

Test(tickets, say_when_their_file_is_damaged)
{
    char path[PATH_SIZE];
    struct error error;
    const struct invitation invitation = ticket(1, 1000);
    cr_assert(path_format(path, &error, "%s/tickets", folder));
    cr_assert(file_write(path, bytes_of_text("0x12 0x13 7\n"), &error), "%s", error.text);
    cr_expect_eq(take(&invitation, &one, 10), ERROR_CORRUPT);
}
