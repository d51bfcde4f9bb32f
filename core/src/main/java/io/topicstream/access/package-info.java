/// Who somebody is, and what they may do on which topics. Authenticators turn credentials into an
/// [io.topicstream.access.Identity]; commands ask it, so that every front door is covered.
@NullMarked
package io.topicstream.access;

import org.jspecify.annotations.NullMarked;
