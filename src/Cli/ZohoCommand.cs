using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using ZohoPlatform.Cli.Audit;
using ZohoPlatform.Cli.Campaigns.Contacts;
using ZohoPlatform.Cli.Campaigns.Lists;
using ZohoPlatform.Cli.Campaigns.Reports;
using ZohoPlatform.Cli.Campaigns.Syncs;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Connect;
using ZohoPlatform.Cli.Connections;
using ZohoPlatform.Cli.Doctor;
using ZohoPlatform.Cli.Feeds;
using ZohoPlatform.Cli.Keys;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Messaging;
using ZohoPlatform.Cli.Settings;
using ZohoPlatform.Cli.Tenants;
using ZohoPlatform.Cli.Trace;
using ZohoPlatform.Cli.Webhooks;

namespace ZohoPlatform.Cli;

/// <summary>The command line's table of contents.</summary>
internal static class ZohoCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Speaks with a gateway of the Zoho platform.")
        {
            Edge.Json,
            Credentials.Url,
            Credentials.Profile,
            LoginCommand.Create(),
            LogoutCommand.Create(),
            WhoAmICommand.Create(),
            ProfilesCommand.Create(),
            ConnectCommand.Create(),
            ConnectionsCommand.Create(),
            SettingsCommand.Create(),
            DoctorCommand.Create(),
            TraceCommand.Create(),
            LogsCommand.Create(),
            new Command("campaigns", "Zoho Campaigns: contacts, syncs, lists and results.")
            {
                SyncCommand.Create(),
                SyncsCommand.Create(),
                ContactsCommand.Create(),
                ListsCommand.Create(),
                ReportsCommand.Create(),
            },
            FeedsCommand.Create(),
            MessagesCommand.Create(),
            ConversationsCommand.Create(),
            ChannelsCommand.Create(),
            WebhooksCommand.Create(),
            KeysCommand.Create(),
            AuditCommand.Create(),
            TenantsCommand.Create(),
            CompletionCommand.Create(),
        };
        root.Runs(NextStep.RunAsync);

        // nobody types those that Windows had, and a shell would offer them
        var help = root.Options.OfType<HelpOption>().Single();
        foreach (var alias in help.Aliases.Where(alias => alias is not "-h").ToList())
        {
            help.Aliases.Remove(alias);
        }

        var suggest = root.Directives.OfType<SuggestDirective>().Single();
        suggest.Action = new Suggestions(suggest);
        return root;
    }
}
