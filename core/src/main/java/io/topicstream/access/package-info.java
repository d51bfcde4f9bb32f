<<<<<<< HEAD
/// Who somebody is, and what they may do on which topics. Authenticators turn credentials into an
/// [io.topicstream.access.Identity]; commands ask it, so that every front door is covered.
=======
/// Who someone is and what they may do: identities, grants on patterns of topics, and the authenticators that turn
/// a credential into an identity.
>>>>>>> build
@NullMarked
package io.topicstream.access;

import org.jspecify.annotations.NullMarked;
