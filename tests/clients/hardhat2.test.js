import { describeHardhat } from './hardhat.js';

describeHardhat({ name: 'Hardhat 2', folder: 'hardhat2', chainId: 77101, compileTask: 'compile' });
