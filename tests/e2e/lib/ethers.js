// One place names the client library, so that benches and stories beside this folder find it.
export * from 'ethers';
