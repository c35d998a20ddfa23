#include "rpc/pages/pages.h"

#include "rpc/write.h"

static bool write_organisations(struct buffer *out, const struct org_summary *orgs, size_t count)
{
    bool all_run = true;
    write_key_raw(out, "organisations", "[");
    for (size_t index = 0; index < count; index++) {
        const struct org_summary *org = &orgs[index];
        write_separator(out);
        write_raw(out, "{");
        write_key_text(out, "label", org->label);
        write_key_decimal(out, "chainId", org->chain_id);
        write_key_decimal(out, "height", org->height);
        write_key_decimal(out, "time", org->block_time);
        if (org->stopped[0] != '\0') {
            write_key_text(out, "stopped", org->stopped);
            all_run = false;
        }
        write_raw(out, "}");
    }
    write_raw(out, "]");
    return all_run;
}

int pages_write_health(const struct rpc_host *host, struct buffer *out)
{
    struct arena arena = {0};
    size_t count;
    struct org_summary *orgs = host->ops->orgs(host->context, &arena, &count);
    struct node_status status = host->ops->status(host->context);
    struct buffer list = {0};
    buffer_append_u8(&list, '{'); /* so that the first key gets no comma */
    bool is_ok = write_organisations(&list, orgs, count) && status.is_ok;
    write_raw(out, "{");
    write_key_bool(out, "ok", is_ok);
    if (status.problem[0] != '\0')
        write_key_text(out, "problem", status.problem);
    write_key_text(out, "version", status.version);
    write_key_decimal(out, "uptimeMs", status.uptime_ms);
    write_separator(out);
    buffer_append(out, list.data + 1, list.size - 1);
    write_raw(out, "}\n");
    buffer_cleanup(&list);
    arena_cleanup(&arena);
    return is_ok ? 200 : 503;
}
