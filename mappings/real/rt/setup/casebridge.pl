#!/usr/bin/perl
# What the hub needs in a Request Tracker 5, made once, as a user who may read RT's configuration:
#   perl -I /usr/share/request-tracker5/lib casebridge.pl        (Debian's place; elsewhere /opt/rt5/lib)
use strict;
use warnings;
use RT -init;

# Each company that this RT hands tickets to, by the words of `tables.companies` in mapping.yaml, its own first.
my @companies = ("Request Tracker", "Brightnet");
my $system = RT->SystemUser;

sub made {
    my ($what, $ok, $said) = @_;
    die "$what: $said\n" unless $ok;
}

my $queue = RT::Queue->new($system);
$queue->Load("Support");
made("queue", $queue->Create(Name => "Support", Description => "Cases of customers")) unless $queue->id;

for my $field (
    ["HubCaseId", "FreeformSingle"], ["HeldBy", "SelectSingle"], ["NumberThere", "FreeformSingle"],
    ["Answerer", "SelectSingle"], ["Contact", "SelectSingle"], ["Details", "TextSingle"], ["Reason", "TextSingle"],
    ["Customer", "FreeformSingle"], ["Phone", "FreeformSingle"], ["Product", "FreeformSingle"],
    ["Reference", "FreeformSingle"], ["Score", "FreeformSingle"], ["ScoreText", "TextSingle"],
) {
    my ($name, $type) = @$field;
    my $made = RT::CustomField->new($system);
    $made->LoadByName(Name => $name, LookupType => RT::Ticket->CustomFieldLookupType, IncludeGlobal => 1);
    next if $made->id;
    made($name, $made->Create(Name => $name, Type => $type, LookupType => RT::Ticket->CustomFieldLookupType));
    if ($type eq "SelectSingle") {
        my $order = 0;
        made("$name: $_", $made->AddValue(Name => $_, SortOrder => $order++)) for @companies;
    }
    made($name, $made->AddToObject($queue));
}

# A message must not move a status by itself: what a colleague elsewhere writes would open what is resolved.
my $scrips = RT::Scrips->new($system);
$scrips->UnLimit;
while (my $scrip = $scrips->Next) {
    next unless $scrip->Description =~ /open .*tickets/i;
    made("scrip " . $scrip->Description, $scrip->SetDisabled(1)) unless $scrip->Disabled;
}

# The hub's user: it may do this in the queue, and nothing else.
my $user = RT::User->new($system);
$user->Load("casebridge");
made("user", $user->Create(Name => "casebridge", RealName => "Casebridge", EmailAddress => 'casebridge@example.com',
                           Privileged => 1, Timezone => "UTC")) unless $user->id;
for my $right (qw(SeeQueue ShowTicket ShowTicketComments SeeCustomField ModifyCustomField CreateTicket ModifyTicket
                  CommentOnTicket ReplyToTicket)) {
    my ($ok, $said) = $user->PrincipalObj->GrantRight(Right => $right, Object => $queue);
    die "$right: $said\n" unless $ok or $said =~ /already/;
}
my $token = RT::AuthToken->new($system);
my ($ok, $said, $secret) = $token->Create(Owner => $user->id, Description => "Casebridge");
made("token", $ok, $said);
print "queue ", $queue->id, "\ntoken $secret\n";
