/* Passwords: from the file the settings name, else from the terminal without echo; never from
 * the command line. Held in a fixed array and wiped. */
#ifndef WALLET_PASSWORD_H
#define WALLET_PASSWORD_H
#include "wallet/wallet.h"

#define PASSWORD_SIZE_MAX 1024

struct password {
    char text[PASSWORD_SIZE_MAX + 1];
    size_t size;
};
void password_wipe(struct password *password);

/* The password of the wallet's accounts. `is_new` asks twice on a terminal. */
bool password_get(struct wallet *wallet, bool is_new, struct password *password,
                  struct error *error) __attribute__((warn_unused_result));
/* The first line of a file, without its end. */
bool password_read_file(const char *path, struct password *password, struct error *error)
    __attribute__((warn_unused_result));
/* ERROR_NOT_FOUND without a terminal. */
bool password_prompt(const char *question, struct password *password, struct error *error)
    __attribute__((warn_unused_result));
#endif
