const { expect } = require('chai');
const { artifacts, ethers, network } = require('hardhat');

describe('Counter', () => {
  let counter;
  let owner;

  before(async () => {
    [owner] = await ethers.getSigners();
    counter = await ethers.deployContract('Counter', [40n]);
    await counter.waitForDeployment();
  });

  it('is on the network that the configuration names', async () => {
    expect((await ethers.provider.getNetwork()).chainId).to.equal(BigInt(network.config.chainId));
  });

  it('has the code of its artifact', async () => {
    const { deployedBytecode } = await artifacts.readArtifact('Counter');
    expect(await ethers.provider.getCode(counter)).to.equal(deployedBytecode);
  });

  it('emits an event', async () => {
    const sent = await counter.raise(2n);
    await sent.wait();
    await expect(sent).to.emit(counter, 'Raised').withArgs(owner.address, 42n);
    expect(await counter.number()).to.equal(42n);
  });

  it('reverts with a custom error', async () => {
    await expect(counter.raise(101n)).to.be.revertedWithCustomError(counter, 'TooMuch').withArgs(101n, 100n);
  });

  it('reverts with a reason', async () => {
    await expect(counter.refuse()).to.be.revertedWith('counter: not today');
  });

  it('takes coin', async () => {
    const sent = await owner.sendTransaction({ to: counter, value: 5n });
    await sent.wait();
    await expect(sent).to.changeEtherBalances([owner, counter], [-5n, 5n]);
  });
});

describe('Acme', () => {
  it('moves token balances', async () => {
    const [owner] = await ethers.getSigners();
    const other = ethers.Wallet.createRandom();
    const token = await ethers.deployContract('Acme', [100n]);
    await token.waitForDeployment();
    const sent = await token.transfer(other.address, 30n);
    await sent.wait();
    await expect(sent).to.changeTokenBalances(token, [owner, other], [-30n, 30n]);
    await expect(token.transfer(other.address, 71n))
      .to.be.revertedWithCustomError(token, 'ERC20InsufficientBalance').withArgs(owner.address, 70n, 71n);
  });
});
