#include "ledger/codec/address_text.h"

#include <criterion/criterion.h>

/* The examples of EIP-55. */
static const char *const addresses[] = {
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x52908400098527886E0F7030069857D2E4169EE7", "0xde709f2102306220921060314715629080e2fb77",
};

Test(address_text, writes_the_checksum_of_eip_55)
{
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        address account;
        char text[ADDRESS_TEXT_SIZE];
        cr_assert_eq(address_parse(&account, addresses[i]), ADDRESS_OK);
        address_format(text, &account);
        cr_expect_str_eq(text, addresses[i]);
    }
}

Test(address_text, notices_a_letter_of_the_wrong_case)
{
    address account;
    cr_expect_eq(address_parse(&account, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed"),
                 ADDRESS_BAD_CHECKSUM);
    cr_expect_eq(address_parse(&account, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), ADDRESS_OK);
    cr_expect_eq(address_parse(&account, "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"), ADDRESS_OK);
}

Test(address_text, refuses_other_forms)
{
    address account;
    cr_expect_eq(address_parse(&account, ""), ADDRESS_BAD_FORM);
    cr_expect_eq(address_parse(&account, "0x"), ADDRESS_BAD_FORM);
    cr_expect_eq(address_parse(&account, "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
                 ADDRESS_BAD_FORM);
    cr_expect_eq(address_parse(&account, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaedd"),
                 ADDRESS_BAD_FORM);
    cr_expect_eq(address_parse(&account, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg"),
                 ADDRESS_BAD_FORM);
}
