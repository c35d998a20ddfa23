/* The functions of the method table, grouped by file. */
#ifndef RPC_METHODS_METHODS_H
#define RPC_METHODS_METHODS_H
#include "rpc/call.h"

/* chain.c */
enum call_outcome method_web3_client_version(struct call *call);
enum call_outcome method_net_version(struct call *call);
enum call_outcome method_net_listening(struct call *call);
enum call_outcome method_eth_chain_id(struct call *call);
enum call_outcome method_eth_syncing(struct call *call);
enum call_outcome method_eth_block_number(struct call *call);
enum call_outcome method_eth_accounts(struct call *call);
enum call_outcome method_eth_coinbase(struct call *call);
enum call_outcome method_eth_protocol_version(struct call *call);
enum call_outcome method_net_peer_count(struct call *call);
enum call_outcome method_web3_sha3(struct call *call);

/* capabilities.c */
enum call_outcome method_eth_config(struct call *call);
enum call_outcome method_eth_capabilities(struct call *call);

/* state.c */
enum call_outcome method_eth_get_balance(struct call *call);
enum call_outcome method_eth_get_transaction_count(struct call *call);
enum call_outcome method_eth_get_code(struct call *call);
enum call_outcome method_eth_get_storage_at(struct call *call);

/* proof.c */
enum call_outcome method_eth_get_proof(struct call *call);

/* execute.c */
enum call_outcome method_eth_call(struct call *call);
enum call_outcome method_eth_estimate_gas(struct call *call);

/* access_list.c */
enum call_outcome method_eth_create_access_list(struct call *call);

/* simulate.c */
enum call_outcome method_eth_simulate_v1(struct call *call);

/* fees.c */
enum call_outcome method_eth_gas_price(struct call *call);
enum call_outcome method_eth_max_priority_fee(struct call *call);
enum call_outcome method_eth_fee_history(struct call *call);
enum call_outcome method_eth_base_fee(struct call *call);
enum call_outcome method_eth_blob_base_fee(struct call *call);

/* send.c */
enum call_outcome method_eth_send_raw_transaction(struct call *call);
enum call_outcome method_eth_send_raw_transaction_sync(struct call *call);

/* blocks.c */
enum call_outcome method_eth_get_block(struct call *call);
enum call_outcome method_eth_get_block_transaction_count(struct call *call);
enum call_outcome method_eth_get_block_receipts(struct call *call);
enum call_outcome method_eth_get_uncle_count(struct call *call);
enum call_outcome method_eth_get_uncle(struct call *call);

/* raw.c */
enum call_outcome method_debug_get_raw_block(struct call *call);
enum call_outcome method_debug_get_raw_header(struct call *call);
enum call_outcome method_debug_get_raw_receipts(struct call *call);
enum call_outcome method_debug_get_raw_transaction(struct call *call);

/* txpool.c */
enum call_outcome method_txpool_content(struct call *call);
enum call_outcome method_txpool_content_from(struct call *call);
enum call_outcome method_txpool_inspect(struct call *call);
enum call_outcome method_txpool_status(struct call *call);

/* transactions.c */
enum call_outcome method_eth_get_transaction_by_hash(struct call *call);
enum call_outcome method_eth_get_transaction_receipt(struct call *call);
enum call_outcome method_eth_get_transaction_in_block(struct call *call);

/* logs.c */
enum call_outcome method_eth_get_logs(struct call *call);

/* trace.c */
enum call_outcome method_debug_trace_transaction(struct call *call);
enum call_outcome method_debug_trace_call(struct call *call);
enum call_outcome method_debug_trace_block(struct call *call);

/* subscribe.c */
enum call_outcome method_eth_subscribe(struct call *call);
enum call_outcome method_eth_unsubscribe(struct call *call);

/* filters.c */
enum call_outcome method_eth_new_filter(struct call *call);
enum call_outcome method_eth_new_block_filter(struct call *call);
enum call_outcome method_eth_new_pending_transaction_filter(struct call *call);
enum call_outcome method_eth_get_filter_changes(struct call *call);
enum call_outcome method_eth_get_filter_logs(struct call *call);
enum call_outcome method_eth_uninstall_filter(struct call *call);

/* joint.c */
enum call_outcome method_org_found_accept(struct call *call);
enum call_outcome method_org_found_complete(struct call *call);
enum call_outcome method_org_found_offer(struct call *call);

/* org.c */
enum call_outcome method_org_list(struct call *call);
enum call_outcome method_org_get(struct call *call);
enum call_outcome method_org_create(struct call *call);
enum call_outcome org_show(struct call *call); /* answers the ledger that was acquired */
enum call_outcome method_org_get_finality_proof(struct call *call);
enum call_outcome method_org_get_seals(struct call *call);
enum call_outcome method_org_get_block(struct call *call);

/* history.c */
enum call_outcome method_org_get_history(struct call *call);

/* discover.c */
enum call_outcome method_rpc_discover(struct call *call);
#endif
