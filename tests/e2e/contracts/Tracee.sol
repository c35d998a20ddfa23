// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// Something to trace: calls of every kind, logs on the way, failures that are caught.
contract Tracee {
    event Stepped(uint256 indexed step, bytes note);

    error Refused(uint256 code);

    uint256 public total;
    mapping(address => uint256) public seen;
    Helper public helper;

    constructor() payable {
        helper = new Helper();
        total = 1;
    }

    /// Reads, writes, clears, and so has a refund.
    function store(uint256 value) external {
        seen[msg.sender] = value;
        total += value;
        delete seen[msg.sender];
        emit Stepped(value, "stored");
    }

    /// One message of every kind; those that fail are caught.
    function everything(address payable to) external payable returns (bytes32 digest) {
        emit Stepped(1, "begun");
        helper.add{value: 5}(2);
        (bool ok,) = address(helper).delegatecall(abi.encodeCall(Helper.add, (3)));
        require(ok, "delegate");
        helper.total();
        try helper.fail(7) {} catch {}
        try helper.refuse{gas: 5000}() {} catch {}
        try helper.divide(0) {} catch {}
        (ok,) = address(helper).staticcall{gas: 50000}(abi.encodeCall(Helper.add, (4)));
        (ok,) = to.call{value: 1 ether * 1e9}("");
        (ok,) = to.call{value: 1}("");
        Short made = new Short{salt: bytes32(uint256(1))}(to);
        made.end();
        digest = sha256(abi.encode(total));
        emit Stepped(2, abi.encode(digest));
    }

    function explain() external pure {
        revert("tracee: not today");
    }

    function refuse(uint256 code) external pure {
        revert Refused(code);
    }

    function burn() external {
        for (;;) total++;
    }
}

contract Helper {
    uint256 public total;

    event Added(uint256 amount);

    function add(uint256 amount) external payable {
        total += amount;
        emit Added(amount);
    }

    /// What it logs is gone with it.
    function fail(uint256 code) external {
        emit Added(code);
        revert("helper: failed");
    }

    function refuse() external pure {
        assembly {
            invalid()
        }
    }

    function divide(uint256 by) external view returns (uint256) {
        return total / by;
    }
}

/// Gone with the transaction that makes it.
contract Short {
    address payable immutable heir;

    constructor(address payable to) payable {
        heir = to;
    }

    function end() external {
        selfdestruct(heir);
    }
}
