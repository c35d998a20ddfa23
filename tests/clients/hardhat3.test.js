import { describeHardhat } from './hardhat.js';

describeHardhat({ name: 'Hardhat 3', folder: 'hardhat3', chainId: 77102, compileTask: 'build' });
