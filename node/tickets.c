#include "node/tickets.h"

#include <inttypes.h>
#include <stdio.h>

#include "node/files.h"
#include "vm/base/hex.h"

#define TICKET_DIGITS (2 + 2 * INVITATION_TICKET_SIZE)
#define KEY_DIGITS    (2 + 2 * 33)
#define LINE_SIZE     (TICKET_DIGITS + 1 + KEY_DIGITS + 1 + 20 + 1)

struct used_ticket {
    uint8_t ticket[INVITATION_TICKET_SIZE];
    struct node_id who;
    uint64_t expires_s;
};

static bool parse_line(struct used_ticket *used, const char *line)
{
    char ticket[TICKET_DIGITS + 1], key[KEY_DIGITS + 1], rest;
    return sscanf(line, "%34s %68s %" SCNu64 "%c", ticket, key, &used->expires_s, &rest) == 3
           && hex_decode_fixed(used->ticket, sizeof used->ticket, ticket, strlen(ticket))
           && hex_decode_fixed(used->who.key, sizeof used->who.key, key, strlen(key));
}

static void append_line(struct buffer *out, const struct used_ticket *used)
{
    hex_append(out, bytes_of(used->ticket, sizeof used->ticket));
    buffer_append_text(out, " ");
    hex_append(out, bytes_of(used->who.key, sizeof used->who.key));
    buffer_append_format(out, " %" PRIu64 "\n", used->expires_s);
}

/* Appends to `kept` those that count; *by is who used this one, if anybody did. */
static bool read_used(const char *path, const struct invitation *invitation, uint64_t now_s,
                      struct buffer *kept, unsigned *count, struct used_ticket *by, bool *is_used,
                      struct error *error)
{
    struct buffer text = {0};
    struct used_ticket used;
    char *next = NULL;
    if (!file_exists(path))
        return true;
    bool ok = file_read(path, (size_t)TICKETS_MAX * LINE_SIZE, &text, error);
    buffer_append_u8(&text, 0);
    for (char *line = ok ? strtok_r((char *)text.data, "\n", &next) : NULL; ok && line != NULL;
         line = strtok_r(NULL, "\n", &next)) {
        ok = parse_line(&used, line)
             || error_set(error, ERROR_CORRUPT,
                          "%s is damaged: expected a ticket, a node key and a time a line", path);
        if (!ok || used.expires_s <= now_s)
            continue;
        append_line(kept, &used);
        (*count)++;
        if (memcmp(used.ticket, invitation->ticket, sizeof used.ticket) == 0) {
            *by = used;
            *is_used = true;
        }
    }
    buffer_cleanup(&text);
    return ok;
}

bool tickets_take(const char *folder, const struct invitation *invitation,
                  const struct node_id *who, uint64_t now_s, struct error *error)
{
    char path[PATH_SIZE];
    struct buffer kept = {0};
    struct used_ticket by = {.expires_s = invitation->expires_s, .who = *who};
    unsigned count = 0;
    bool is_used = false;
    memcpy(by.ticket, invitation->ticket, sizeof by.ticket);
    bool ok = path_format(path, error, "%s/tickets", folder)
              && read_used(path, invitation, now_s, &kept, &count, &by, &is_used, error);
    if (ok && is_used && !node_id_equal(&by.who, who))
        ok = error_set(error, ERROR_EXISTS,
                       "the invitation was used already, by another node; ask for another one");
    if (ok && !is_used && count == TICKETS_MAX)
        ok = error_set(error, ERROR_BUSY,
                       "%d invitations to this ledger were used and have not expired; try again "
                       "later",
                       TICKETS_MAX);
    if (ok && !is_used) {
        append_line(&kept, &by);
        ok = file_write(path, buffer_view(&kept), error);
    }
    buffer_cleanup(&kept);
    return ok;
}
