/* What a client asks first: which program, which chain, how far. */
#include "rpc/methods/methods.h"

#include "rpc/scope.h"

enum call_outcome method_web3_client_version(struct call *call)
{
    write_text(call->out, "Leither/v" LEITHER_VERSION "/linux");
    return CALL_ANSWERED;
}

enum call_outcome method_net_version(struct call *call)
{
    buffer_append_u8(call->out, '"');
    write_decimal(call->out, ledger_chain_id(call->ledger));
    buffer_append_u8(call->out, '"');
    return CALL_ANSWERED;
}

enum call_outcome method_net_listening(struct call *call)
{
    write_bool(call->out, true);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_chain_id(struct call *call)
{
    write_quantity(call->out, ledger_chain_id(call->ledger));
    return CALL_ANSWERED;
}

/* The committee of one holds every block it shows: there is never anything to catch up. */
enum call_outcome method_eth_syncing(struct call *call)
{
    write_bool(call->out, false);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_block_number(struct call *call)
{
    struct ledger_view *view = call_view(call);
    if (view == NULL)
        return CALL_FAILED;
    write_quantity(call->out, view_head(view));
    return CALL_ANSWERED;
}

/* The node holds no keys of users. */
enum call_outcome method_eth_accounts(struct call *call)
{
    write_raw(call->out, "[]");
    return CALL_ANSWERED;
}
