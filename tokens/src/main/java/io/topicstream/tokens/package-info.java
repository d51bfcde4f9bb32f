/// Callers who log in with tokens of their own issuers (JWT): which issuers are believed
/// ([io.topicstream.tokens.JwtIssuer]), whose keys they sign with, and what a token says of its bearer. The
/// only package that sees the library for keys and signatures.
@NullMarked
package io.topicstream.tokens;

import org.jspecify.annotations.NullMarked;
