# Who works in the tests' Request Tracker beside the hub's user: an agent, who may also delete.
use strict;
use warnings;
use RT -init;

my $queue = RT::Queue->new(RT->SystemUser);
$queue->Load("Support");
my $ana = RT::User->new(RT->SystemUser);
my ($ok, $said) = $ana->Create(Name => "ana", RealName => "Ana Alvarez", EmailAddress => 'ana@example.com',
                               Privileged => 1, Password => "agent-secret");
die $said unless $ok;
for my $right (qw(SeeQueue ShowTicket ShowTicketComments SeeCustomField ModifyCustomField CreateTicket ModifyTicket
                  CommentOnTicket ReplyToTicket OwnTicket TakeTicket DeleteTicket Watch)) {
    my ($done, $why) = $ana->PrincipalObj->GrantRight(Right => $right, Object => $queue);
    die "$right: $why" unless $done;
}
