/// Who may do what through which door, and what happens to those who are connected when their
/// credentials end.
package io.topicstream.server.access;
