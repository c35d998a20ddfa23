#include "rpc/pages/pages.h"

#include "vm/base/hex.h"

bool pages_is_org(const struct rpc_host *host, const char *name)
{
    struct arena arena = {0};
    size_t count;
    const struct org_summary *orgs = host->ops->orgs(host->context, &arena, &count);
    hash256 id;
    const bool is_id = hex_decode_fixed(id.bytes, sizeof id.bytes, name, strlen(name));
    bool is_here = false;
    for (size_t index = 0; index < count && !is_here; index++)
        is_here =
            is_id ? hash256_equal(&orgs[index].id, &id) : strcmp(orgs[index].label, name) == 0;
    arena_cleanup(&arena);
    return is_here;
}

void pages_write_missing(struct buffer *out, const char *name)
{
    buffer_append_format(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>Not found · Leither</title>\n"
        "<h1>This node has no organisation “%s”</h1>\n"
        "<p>Expected /o/ and the label or id of one that it has: <a href=\"/\">this node's own "
        "page</a> lists them.</p>\n</html>\n",
        name);
}
