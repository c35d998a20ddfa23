/* Founding an organisation together with other nodes: what a founder's wallet asks of each of them,
 * step by step. Each step may be repeated and answers the same; nothing is founded before all nodes
 * have signed. The operator's own wish comes with the token, anybody else's is the operator's to
 * accept. */
#include "rpc/methods/methods.h"

#include "rpc/scope.h"

static bool is_size(struct call *call, unsigned index, const char *name, size_t expected)
{
    const size_t found = call->arguments[index].data.size;
    if (found == expected)
        return true;
    call_fail(call, RPC_INVALID_PARAMS, "params[%u]: %s has %zu bytes; expected %zu", index, name,
              found, expected);
    return false;
}

/* session, label, document, which are the first parameters of all. */
static bool read_request(struct call *call, struct joint_request *request)
{
    const char *label = call->arguments[1].name;
    *request = (struct joint_request){.document = call->arguments[2].data,
                                      .is_operators = call->scope->is_authorized};
    if (!is_size(call, 0, "the session", sizeof request->session))
        return false;
    memcpy(request->session, call->arguments[0].data.data, sizeof request->session);
    if (strlen(label) >= sizeof request->label) {
        call_fail(call, RPC_INVALID_PARAMS, "params[1]: the label has %zu bytes; at most %zu",
                  strlen(label), sizeof request->label - 1);
        return false;
    }
    memcpy(request->label, label, strlen(label) + 1);
    return true;
}

static bool read_signed_request(struct call *call, struct joint_request *request)
{
    if (!read_request(call, request) || !is_size(call, 3, "the signature", SIGNATURE_SIZE))
        return false;
    memcpy(request->founder.bytes, call->arguments[3].data.data, SIGNATURE_SIZE);
    return true;
}

enum call_outcome method_org_found_offer(struct call *call)
{
    struct buffer encoded = {0}, *out = call->out;
    struct joint_request request;
    struct joint_offered offered;
    struct error error = {0};
    if (!read_signed_request(call, &request))
        return CALL_FAILED;
    if (!call->host->ops->joint_offer(call->host->context, &request, &offered, &error))
        return call_fail_with(call, &error);
    write_raw(out, "{");
    write_key_text(out, "state", offered.is_asked ? "asked" : "offered");
    if (offered.is_asked) {
        write_key_raw(out, "entry", "null");
    } else {
        committee_entry_encode(&offered.entry, &encoded);
        write_key_data(out, "entry", buffer_view(&encoded));
        buffer_cleanup(&encoded);
    }
    write_key_quantity(out, "network", offered.network);
    write_raw(out, "}");
    return CALL_ANSWERED;
}

enum call_outcome method_org_found_accept(struct call *call)
{
    struct joint_request request;
    struct error error = {0};
    signature acceptance;
    if (!read_signed_request(call, &request))
        return CALL_FAILED;
    if (!call->host->ops->joint_accept(call->host->context, &request, &acceptance, &error))
        return call_fail_with(call, &error);
    write_data(call->out, bytes_of(acceptance.bytes, sizeof acceptance.bytes));
    return CALL_ANSWERED;
}

enum call_outcome method_org_found_complete(struct call *call)
{
    struct joint_request request;
    struct org_summary *summary = arena_alloc(call->arena, sizeof *summary);
    signature *acceptances = arena_array(call->arena, COMMITTEE_SIZE_MAX, sizeof *acceptances);
    const struct bytes given = call->arguments[3].data;
    const size_t count = given.size / SIGNATURE_SIZE;
    struct error error = {0};
    if (!read_request(call, &request))
        return CALL_FAILED;
    if (given.size % SIGNATURE_SIZE != 0 || count > COMMITTEE_SIZE_MAX)
        return call_fail(
            call, RPC_INVALID_PARAMS,
            "params[3]: the acceptances have %zu bytes; expected %d of each member, at "
            "most %d members",
            given.size, SIGNATURE_SIZE, COMMITTEE_SIZE_MAX);
    for (size_t i = 0; i < count; i++)
        memcpy(acceptances[i].bytes, given.data + i * SIGNATURE_SIZE, SIGNATURE_SIZE);
    if (!call->host->ops->joint_complete(call->host->context, &request, acceptances, count, summary,
                                         &error))
        return call_fail_with(call, &error);
    return call_acquire(call, summary->label, org_show);
}
