import { serveTabs } from "@topicstream/client";

serveTabs(self);
