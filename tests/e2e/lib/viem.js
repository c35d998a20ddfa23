// One place names the client library, so that stories beside this folder find it.
export * from 'viem';
export { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
