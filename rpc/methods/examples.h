/* What the examples of the method table have in common, as JSON. */
#ifndef RPC_METHODS_EXAMPLES_H
#define RPC_METHODS_EXAMPLES_H

/* 256 bytes of nothing. */
#define ZEROES_32       "0000000000000000000000000000000000000000000000000000000000000000"
#define ZEROES_256      ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32 ZEROES_32
#define EXAMPLE_BLOOM   "\"0x" ZEROES_256 "\""
#define EXAMPLE_HASH    "\"0x1111111111111111111111111111111111111111111111111111111111111111\""
#define EXAMPLE_ID      "\"0x9ce59a13059e417087c02d3236a0b1cc\""
#define EXAMPLE_ADDRESS "\"0x00000000000000000000000000000000000a11ce\""

/* Answers that several methods give. */
#define EXAMPLE_BLOCK                                                                         \
    "{\"hash\":" EXAMPLE_HASH ",\"parentHash\":" EXAMPLE_HASH ",\"sha3Uncles\":" EXAMPLE_HASH \
    ",\"miner\":" EXAMPLE_ADDRESS ",\"stateRoot\":" EXAMPLE_HASH                              \
    ",\"transactionsRoot\":" EXAMPLE_HASH ",\"receiptsRoot\":" EXAMPLE_HASH                   \
    ",\"logsBloom\":" EXAMPLE_BLOOM                                                           \
    ",\"difficulty\":\"0x0\",\"number\":\"0x1\",\"gasLimit\":\"0x1c9c380\",\"gasU"            \
    "sed\":\"0x0\",\"timestamp\":\"0x6740a000\",\"extraData\":\"0x\","                        \
    "\"mixHash\":" EXAMPLE_HASH                                                               \
    ",\"nonce\":\"0x0000000000000000\",\"baseFeePerGas\":\"0x0\",\"withdrawalsRoo"            \
    "t\":" EXAMPLE_HASH                                                                       \
    ",\"blobGasUsed\":\"0x0\",\"excessBlobGas\":\"0x0\",\"parentBeaconBlockRoot\""            \
    ":" EXAMPLE_HASH ",\"size\":\"0x26d\",\"transactions\":[],\"uncles\":[],\"withdrawals\":[]}"
#define EXAMPLE_LOGS                                                                   \
    "[{\"address\":" EXAMPLE_ADDRESS ",\"topics\":[],\"data\":\"0x\",\"blockNumber\":" \
    "\"0x1\",\"transactionHash\":" EXAMPLE_HASH                                        \
    ",\"transactionIndex\":\"0x0\",\"blockHash\":" EXAMPLE_HASH                        \
    ",\"blockTimestamp\":\"0x6740a000\",\"logIndex\":\"0x0\",\"removed\":false}]"
#define EXAMPLE_TRANSACTION                                                        \
    "{\"blockHash\":" EXAMPLE_HASH                                                 \
    ",\"blockNumber\":\"0x1\",\"transactionIndex\":\"0x0\",\"blockTimestamp\":\"0" \
    "x6740a000\",\"from\":" EXAMPLE_ADDRESS                                        \
    ",\"gas\":\"0x5208\",\"gasPrice\":\"0x0\",\"maxFeePerGas\":\"0x0\",\"maxPrior" \
    "ityFeePerGas\":\"0x0\",\"hash\":" EXAMPLE_HASH                                \
    ",\"input\":\"0x\",\"nonce\":\"0x0\",\"to\":" EXAMPLE_ADDRESS                  \
    ",\"value\":\"0x1\",\"type\":\"0x2\",\"accessList\":[],\"chainId\":\"0x539\"," \
    "\"v\":\"0x0\",\"yParity\":\"0x0\",\"r\":\"0x1\",\"s\":\"0x1\"}"
#define EXAMPLE_ORG                                                                \
    "{\"label\":\"acme\",\"path\":\"/o/acme\",\"isDefault\":true,\"height\":\"0x1" \
    "\",\"name\":\"Acme\",\"symbol\":\"ACM\",\"id\":" EXAMPLE_HASH                 \
    ",\"chainId\":\"0x539\",\"founder\":" EXAMPLE_ADDRESS                          \
    ",\"transparency\":\"open\",\"fees\":\"free\",\"baseFeeFloor\":\"0x0\",\"crea" \
    "ted\":\"0x6740a000\",\"fork\":\"osaka\",\"genesisCoin\":[],\"supply\":{\"is"  \
    "sued\":\"0x0\",\"reissued\":\"0x0\",\"burnt\":\"0x0\",\"retired\":\"0x0\",\"" \
    "destroyed\":\"0x0\",\"outstanding\":\"0x0\"},\"epoch\":{\"number\":\"0x1\"}," \
    "\"committee\":[],\"stopped\":null,\"charter\":{}}"
#define EXAMPLE_SIGNATURE                                                  \
    "\"0x1111111111111111111111111111111111111111111111111111111111111111" \
    "111111111111111111111111111111111111111111111111111111111111111100\""
/* On terms that nobody would take: a node says what is wrong with them. */
#define EXAMPLE_FOUNDING \
    "[\"0xab0000000000000000000000000000cd\",\"acme\",\"0x7b7d\"," EXAMPLE_SIGNATURE "]"
#endif
