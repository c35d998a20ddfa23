#include "tests/unit/node/temporary.h"

#include <sys/stat.h>

#include "node/keys.h"

static void key_path(char out[PATH_SIZE], const char *folder)
{
    struct error error;
    cr_assert(path_format(out, &error, "%s/keys/consensus.key", folder));
}

static char *folder_with_keys(char keys_folder[PATH_SIZE])
{
    char *folder = temporary_folder();
    struct node_keys keys;
    struct error error;
    cr_assert(path_format(keys_folder, &error, "%s/keys", folder));
    cr_assert(keys_load(&keys, keys_folder, true, &error), "%s", error.text);
    keys_cleanup(&keys);
    return folder;
}

Test(keys, are_made_once_and_loaded_again)
{
    char keys_folder[PATH_SIZE];
    char *folder = folder_with_keys(keys_folder);
    struct node_keys first, second;
    struct error error;

    cr_assert(keys_load(&first, keys_folder, true, &error), "%s", error.text);
    cr_assert(keys_load(&second, keys_folder, false, &error), "%s", error.text);
    cr_expect_arr_eq(first.consensus.bytes, second.consensus.bytes, 32);
    cr_expect(memcmp(first.consensus.bytes, first.node.bytes, 32) != 0);
    cr_expect(memcmp(first.node.bytes, first.operator_account.bytes, 32) != 0);
    keys_cleanup(&first);
    uint8_t wiped[32] = {0};
    cr_expect_arr_eq(first.consensus.bytes, wiped, 32);
    temporary_remove(folder);
}

Test(keys, are_refused_when_open_to_others)
{
    char keys_folder[PATH_SIZE], path[PATH_SIZE];
    char *folder = folder_with_keys(keys_folder);
    struct node_keys keys;
    struct error error;

    key_path(path, folder);
    cr_assert_eq(chmod(path, 0640), 0);
    cr_expect_not(keys_load(&keys, keys_folder, true, &error));
    cr_expect_eq(error.code, ERROR_DENIED);
    cr_assert_eq(chmod(path, 0600), 0);
    cr_assert_eq(chmod(keys_folder, 0755), 0);
    cr_expect_not(keys_load(&keys, keys_folder, true, &error));
    cr_expect(strstr(error.text, "chmod 700") != NULL, "%s", error.text);
    temporary_remove(folder);
}

Test(keys, are_refused_when_damaged_and_never_replaced)
{
    char keys_folder[PATH_SIZE], path[PATH_SIZE];
    char *folder = folder_with_keys(keys_folder);
    struct node_keys keys;
    struct error error;
    static const char *const damaged[] = {
        "", "00\n", "zz00000000000000000000000000000000000000000000000000000000000000\n",
        "0000000000000000000000000000000000000000000000000000000000000000\n",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\n"};

    key_path(path, folder);
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        cr_assert(file_write(path, bytes_of_text(damaged[i]), &error));
        cr_expect_not(keys_load(&keys, keys_folder, true, &error), "%s", damaged[i]);
        cr_expect_eq(error.code, ERROR_CORRUPT);
    }
    temporary_remove(folder);
}
