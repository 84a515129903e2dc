using System.CommandLine;
using ZohoPlatform.Cli.Campaigns.Contacts;
using ZohoPlatform.Cli.Campaigns.Lists;
using ZohoPlatform.Cli.Campaigns.Reports;
using ZohoPlatform.Cli.Campaigns.Syncs;
using ZohoPlatform.Cli.Connect;
using ZohoPlatform.Cli.Connections;
using ZohoPlatform.Cli.Doctor;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Trace;

namespace ZohoPlatform.Cli;

/// <summary>The command line's table of contents.</summary>
internal static class ZohoCommand
{
    public static RootCommand Create() => new("Speaks with a gateway of the Zoho platform.")
    {
        Edge.Json,
        LoginCommand.Create(),
        ConnectCommand.Create(),
        ConnectionsCommand.Create(),
        DoctorCommand.Create(),
        TraceCommand.Create(), LogsCommand.Create(),
        new Command("campaigns", "Zoho Campaigns: contacts, syncs, lists and results.")
        {
            SyncCommand.Create(),
            SyncsCommand.Create(),
            ContactsCommand.Create(),
            ListsCommand.Create(),
            ReportsCommand.Create(),
        },
    };
}
