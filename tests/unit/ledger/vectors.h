/* The vectors of docs/formats.md: a test fails when code, this file and the text differ. */
#ifndef TESTS_UNIT_LEDGER_VECTORS_H
#define TESTS_UNIT_LEDGER_VECTORS_H
#define VECTOR_COMMITTEE_ENTRY                                                                 \
    "f8a201947e5f4552091a69125d5dfcb7b8c2659029395bdfa102010101010101010101010101010101010101" \
    "01010101010101010101010101019401010101010101010101010101010101010101010191626f782e657861" \
    "6d706c653a3330383030a00303030303030303030303030303030303030303030303030303030303030303a0" \
    "0404040404040404040404040404040404040404040404040404040404040404"
#define VECTOR_EPOCH_RECORD                                                                    \
    "f901050101808001a00000000000000000000000000000000000000000000000000000000000000000a05555" \
    "555555555555555555555555555555555555555555555555555555555555010180cd8203e805830400008403" \
    "938700f8a4f8a201947e5f4552091a69125d5dfcb7b8c2659029395bdfa10201010101010101010101010101" \
    "010101010101010101010101010101010101019401010101010101010101010101010101010101010191626f" \
    "782e6578616d706c653a3330383030a003030303030303030303030303030303030303030303030303030303" \
    "03030303a004040404040404040404040404040404040404040404040404040404040404048203e880808080"
#define VECTOR_EPOCH_RECORD_HASH "99cf6e7bfb06a9dc75dc8e4390bcf2eef94e343f35cad2fe19d2da7372ed4b0b"
#define VECTOR_COMMITTEE_HASH    "3752ccf55656646aebeb377edf7c49062f88c9923c4c841667e1519f4d90e561"
#define VECTOR_PROPOSAL          "ce69969eb7e69c497a86af4634221300052408b6846b624f1680bd8541d33512"
#define VECTOR_NOTARIZE          "cad649176f1441c39b6794b497dcacc5f48f1a69b55c43e83cb2cfaaab3f4085"
#define VECTOR_NULLIFY           "d03fd165614bbaf9005e4bf2eb5b63ab804f29e5dffc2d1fc006ff4df5f1a159"
#define VECTOR_CERTIFICATE                                                                     \
    "0104000000000000000100000000000000070000000000000006bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" \
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbb01018887528d1e66b731aa4be6a8b7ff7521fb27eb6dfbfec41e348f7fee" \
    "45a4ef284826d9c768ee4f2de9c76ce6f6f82f89da6ae8a8d6ca710283a79c4ef5c5523600"
#define VECTOR_SEAL                                                                            \
    "f8c095d40101808080cd8203e80583040000840393870001b8a8f8a60102f8a201947e5f4552091a69125d5d" \
    "fcb7b8c2659029395bdfa1020101010101010101010101010101010101010101010101010101010101010101" \
    "9401010101010101010101010101010101010101010191626f782e6578616d706c653a3330383030a0030303" \
    "0303030303030303030303030303030303030303030303030303030303a00404040404040404040404040404" \
    "040404040404040404040404040404040404"
#define VECTOR_GENESIS                                                                             \
    "{\"baseFeeFloor\":\"0\",\"chainId\":0,\"coins\":[{\"amount\":\"1000000000000000000000\","     \
    "\"reason\":\"fo"                                                                              \
    "unding "                                                                                      \
    "work\",\"to\":\"0x1111111111111111111111111111111111111111\"}],\"committee\":[{\"consensu"    \
    "s\":\"0x2222222222222222222222222222222222222222\",\"endpoint\":\"box.example:30800\","       \
    "\"nodeKey\""                                                                                  \
    ":\"0x030303030303030303030303030303030303030303030303030303030303030303\",\"payout\":"        \
    "\"0x3333"                                                                                     \
    "333333333333333333333333333333333333\",\"revealCommitment\":\"0x5555555555555555555555555555" \
    "555555555555555555555555555555555555\",\"revealSalt\":\"0x4444444444444444444444444444444444" \
    "444444444444444444444444444444\",\"weight\":1}],\"created\":1790000000,\"fees\":\"free\","    \
    "\"fork\":\""                                                                                  \
    "osaka\",\"founder\":\"0x1111111111111111111111111111111111111111\",\"name\":\"Acme "          \
    "\\\"Works\\\"\",\""                                                                           \
    "parameters\":{\"blockSizeMax\":262144,\"gasLimit\":60000000,\"pulseMs\":1000,\"tail\":5},"    \
    "\"protoco"                                                                                    \
    "lVersion\":0,\"quorumMode\":\"bft\",\"symbol\":\"ACM\",\"transparency\":\"open\","            \
    "\"version\":1}"
#define VECTOR_GENESIS_HASH     "61645293434395f91a4a88aff3d08d4efb5cc68cf93adcaddb1c189d02178b7e"
#define VECTOR_GENESIS_CHAIN_ID "107083510006595"
#define VECTOR_BLOCK_0_HASH     "2b46e112f4d413ed9429ff2dbfc3805a9e577ebf4d24beb82f6c4bdbf32be4db"
#define VECTOR_GENESIS_HASH_PRAGUE \
    "6475a57c6a09401e71fda925e7e79926f4189ce14805ed08c3d97a5e35d486fc"
#define VECTOR_BLOCK_0_HASH_PRAGUE \
    "cccd8981a256a92971cded41858cead0d315aa888988658678b1f1a363c2616d"
#define VECTOR_GENESIS_HASH_CANCUN \
    "ab326c10769a24e26eaae707e2fe072b626caaacbd7415a93b95d23bc84bf6aa"
#define VECTOR_BLOCK_0_HASH_CANCUN \
    "34f473a56e2d85217c2b030357ad76ed3814435c0de0587d5cd705956d603bef"
#define VECTOR_REQUESTS      "d68e01cc8bca0108876261636b7570738602c483c20102"
#define VECTOR_REQUESTS_HASH "2fa6c5304927c2a1f3c3fed1e4cb470e26bec84bc55ce411f1d161151c582f5a"
#endif
