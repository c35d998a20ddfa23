#include "node/joining.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/join_message.h"
#include "node/log.h"

struct joining {
    struct joining_environment environment;
    struct loop_timer *timer;
    /* the one under way */
    joined_fn *joined; /* NULL: there is none */
    void *arg;
    struct joining_wish wish;
    struct line *line; /* NULL: the document is here */
    unsigned up;       /* of the addresses, so far */
    struct buffer document;
    struct org_summary summary;
    struct error error;
    bool ok;
};

bool joining_read(struct joining_wish *wish, const char *link, const char *label, uint32_t network,
                  uint64_t now_s, struct error *error)
{
    *wish = (struct joining_wish){.label = ""};
    if (!invitation_parse(&wish->invitation, bytes_of_text(link), error)
        || !invitation_check(&wish->invitation, network, now_s, error))
        return false;
    if (sscanf(link, "%s", wish->link) != 1) /* it is as long as the parser found it */
        return error_set(error, ERROR_INVALID, "this is no invitation");
    if (label[0] == '\0')
        return true;
    if (!label_check(label, error))
        return false;
    memcpy(wish->label, label, strlen(label) + 1);
    return true;
}

static void on_late(void *arg);

struct joining *joining_new(const struct joining_environment *environment)
{
    struct joining *joining = memory_new_zeroed(1, sizeof *joining);
    joining->environment = *environment;
    joining->timer = loop_timer_new(environment->loop, on_late, joining);
    return joining;
}

void joining_free(struct joining *joining)
{
    if (joining == NULL)
        return;
    line_close(joining->line);
    loop_timer_free(joining->timer);
    buffer_cleanup(&joining->document);
    free(joining);
}

/* ---- The end ------------------------------------------------------------------------------------- */

static void finish(struct joining *joining, const struct error *error)
{
    joined_fn *joined = joining->joined;
    line_close(joining->line);
    joining->line = NULL;
    loop_timer_off(joining->timer);
    buffer_cleanup(&joining->document);
    joining->document = (struct buffer){0};
    joining->joined = NULL;
    joined(joining->arg, error == NULL ? &joining->summary : NULL, error);
}

static void on_opened(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct joining *joining = arg;
    if (ledger != NULL)
        shelf_release(joining->environment.shelf, ledger->seat);
    finish(joining, error);
}

static void take_up_job(struct vm *machine, void *arg)
{
    struct joining *joining = arg;
    (void)machine;
    joining->ok =
        shelf_join(joining->environment.shelf, joining->wish.label, &joining->wish.invitation,
                   buffer_view(&joining->document), &joining->summary, &joining->error);
}

static void on_taken_up(void *arg)
{
    struct joining *joining = arg;
    if (joining->ok)
        shelf_acquire(joining->environment.shelf, joining->summary.label, on_opened, joining);
    else
        finish(joining, &joining->error);
}

/* ---- Asking -------------------------------------------------------------------------------------- */

static void on_late(void *arg)
{
    struct joining *joining = arg;
    struct error error;
    if (joining->up == 0)
        error_set(&error, ERROR_NOT_FOUND,
                  "%s, which the invitation names, was not reached in %d s; is that node running, "
                  "and can it be reached from here?",
                  joining->wish.invitation.addresses[0].endpoint, JOINING_PATIENCE_MS / 1000);
    else
        error_set(&error, ERROR_NOT_FOUND,
                  "%s was reached and did not answer in %d s; does that node still have the "
                  "ledger?",
                  joining->wish.invitation.addresses[0].endpoint, JOINING_PATIENCE_MS / 1000);
    finish(joining, &error);
}

static void on_up(void *arg, unsigned member)
{
    struct joining *joining = arg;
    struct buffer encoded = {0};
    const struct join_message message = {.kind = JOIN_REQUEST,
                                         .text = bytes_of_text(joining->wish.link)};
    joining->up++;
    join_message_encode(&message, &encoded);
    line_send(joining->line, member, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

static void on_down(void *arg, unsigned member)
{
    (void)arg;
    (void)member;
}

static void on_not_welcome(struct joining *joining, struct bytes sentence)
{
    struct error error;
    error_set(&error, ERROR_DENIED, "the node that invites refused: %.*s", (int)sentence.size,
              (const char *)sentence.data);
    finish(joining, &error);
}

static void on_document(struct joining *joining, struct bytes document)
{
    struct error busy;
    buffer_append_bytes(&joining->document, document);
    line_close(joining->line);
    joining->line = NULL;
    loop_timer_off(joining->timer);
    if (actor_submit(joining->environment.administration, take_up_job, on_taken_up, joining))
        return;
    error_set(&busy, ERROR_BUSY, "this node founds too much at once; try again");
    finish(joining, &busy);
}

/* Others than the node that invites may follow the ledger, and know nothing of the invitation. */
static enum heard on_message(void *arg, unsigned member, struct bytes bytes)
{
    struct joining *joining = arg;
    struct join_message message;
    if (bytes.data[0] < JOIN_REQUEST || !join_message_decode(&message, bytes))
        return HEARD;
    if (message.kind == JOIN_WELCOME)
        on_document(joining, message.text);
    else if (message.kind == JOIN_NOT_WELCOME && member == 0)
        on_not_welcome(joining, message.text);
    return HEARD;
}

static const struct line_events on_line = {on_up, on_down, on_message};

static bool begin(struct joining *joining, struct error *error)
{
    const struct invitation *invitation = &joining->wish.invitation;
    struct committee_entry nodes[INVITATION_ADDRESSES_MAX] = {0};
    struct seat_links links;
    const struct organisation *org = shelf_find_id(joining->environment.shelf, &invitation->ledger);
    if (org != NULL)
        return error_set(error, ERROR_EXISTS, "this node has that ledger already, as %s",
                         org->label);
    if (!joining->environment.link(joining->environment.context, &links, error))
        return false;
    joining->line = line_open(links.switchboard, &invitation->ledger, &on_line, joining);
    for (unsigned i = 0; i < invitation->addresses_count; i++) {
        memcpy(nodes[i].node_key, invitation->addresses[i].who.key, sizeof nodes[i].node_key);
        memcpy(nodes[i].endpoint, invitation->addresses[i].endpoint, sizeof nodes[i].endpoint);
    }
    loop_timer_set(joining->timer, JOINING_PATIENCE_MS);
    line_set_committee(joining->line, nodes, invitation->addresses_count);
    return true;
}

void joining_start(struct joining *joining, const struct joining_wish *wish, joined_fn *joined,
                   void *arg)
{
    struct error error;
    if (joining->joined != NULL) {
        error_set(&error, ERROR_BUSY, "another ledger is being joined; try again");
        joined(arg, NULL, &error);
        return;
    }
    joining->wish = *wish;
    joining->joined = joined;
    joining->arg = arg;
    joining->up = 0;
    joining->ok = false;
    if (!begin(joining, &error))
        finish(joining, &error);
}
