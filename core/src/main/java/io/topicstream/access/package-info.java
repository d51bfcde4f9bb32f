/// Who someone is and what they may do: identities, grants on patterns of topics, and the authenticators that turn
/// a credential into an identity.
@NullMarked
package io.topicstream.access;

import org.jspecify.annotations.NullMarked;
