/* What a client asks first: which program, which chain, how far. */
#include "rpc/methods/methods.h"

#include "rpc/scope.h"
#include "vm/crypto/keccak.h"

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

/* Keccak-256, whatever the name says. */
enum call_outcome method_web3_sha3(struct call *call)
{
    const struct bytes data = call->arguments[0].data;
    const hash256 hash = keccak256(data.data, data.size);
    write_hash(call->out, &hash);
    return CALL_ANSWERED;
}

/* A committee of one has nobody to talk to. */
enum call_outcome method_net_peer_count(struct call *call)
{
    write_quantity(call->out, 0);
    return CALL_ANSWERED;
}

/* Of the ledger's own rules, as its genesis names them: no node speaks Ethereum's eth/NN here. */
enum call_outcome method_eth_protocol_version(struct call *call)
{
    write_quantity(call->out, ledger_genesis(call->ledger)->protocol_version);
    return CALL_ANSWERED;
}

/* Who a block that follows now would name as its beneficiary. */
enum call_outcome method_eth_coinbase(struct call *call)
{
    struct block_environment next;
    if (!call_next_block(call, &next))
        return CALL_FAILED;
    write_address(call->out, &next.beneficiary);
    return CALL_ANSWERED;
}
