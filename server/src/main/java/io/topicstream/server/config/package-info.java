/// The configuration: one table of settings ([io.topicstream.server.config.Settings]) from which everything else is
/// made, the reading of the file, the environment and the flags, what `config check` prints and the page in `docs/`.
/// Beside it stand the rules that are configuration through and through: which web pages and which host names are let
/// in, and the file with the token of the administrator.
@NullMarked
package io.topicstream.server.config;

import org.jspecify.annotations.NullMarked;
