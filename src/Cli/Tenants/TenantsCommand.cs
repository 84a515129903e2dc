using System.CommandLine;
using ZohoPlatform.Api.Tenants;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Tenants;

/// <summary><c>zoho tenants</c>: the platform's tenants, for whoever has the platform key.</summary>
internal static class TenantsCommand
{
    private static readonly Argument<string> Id = IdSource.Tenants.Argument("As zoho tenants shows it.");

    private static readonly Argument<string> Name = new("name")
    {
        HelpName = "NAME",
        Description = "1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit.",
    };

    private static readonly Option<string?> Confirm = new("--confirm")
    {
        HelpName = "NAME",
        Description = "The tenant's name, which is asked for otherwise.",
    };

    public static Command Create()
    {
        var create = new Command("create", "Make a tenant.") { Name };
        create.Runs(CreateAsync);
        var delete = new Command("delete", "Delete a tenant with all that is kept of it, for which there is no way back.") { Id, Confirm };
        delete.Runs(DeleteAsync);
        var tenants = new Command("tenants", "The platform's tenants; only the platform key may.") { create, delete };
        tenants.Lists(ListAsync);
        return tenants;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var tenants = await client.Tenants.ListAsync(cancellationToken);
        terminal.Document([.. tenants], CliJson.Default.ListTenant);
        terminal.Table(
            ["Id", "Name", "Created", "Being deleted since"],
            [.. tenants.Select(tenant => (string[])[tenant.Id, tenant.Name, Words.Of(tenant.CreatedAt), Words.Of(tenant.DeletingSince)])]);
        return ExitCode.Done;
    }

    private static async Task<int> CreateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var tenant = await client.Tenants.CreateAsync(new NewTenant(parsed.GetRequiredValue(Name)), cancellationToken: cancellationToken);
        terminal.Document(tenant, CliJson.Default.Tenant);
        terminal.Line($"Made tenant {tenant.Name}, id {tenant.Id}.");
        terminal.Line($"Next, its first key: zoho keys create NAME --role admin --tenant {tenant.Id} --save FILE");
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        var tenant = (await client.Tenants.ListAsync(cancellationToken)).FirstOrDefault(tenant => tenant.Id == id)
            ?? throw new CommandFailure("tenant_not_found", "There is no tenant with this id: zoho tenants shows them.");
        var name = parsed.GetValue(Confirm) ?? await Question.AskAsync(
            terminal,
            $"All contacts, syncs, connections and keys of {tenant.Name} will be gone, and there is no way back. Type its name to delete it:",
            cancellationToken);
        if (name != tenant.Name)
        {
            throw new CommandFailure(
                "tenant_not_confirmed",
                name is null
                    ? "Nothing was deleted: say --confirm with the tenant's name."
                    : "Nothing was deleted: that is not the tenant's name.");
        }

        var deleting = await client.Tenants.DeleteAsync(id, cancellationToken);
        terminal.Document(deleting, CliJson.Default.Tenant);
        terminal.Line(
            $"{deleting.Name} is being deleted: its keys open nothing any more. It is done when zoho tenants does not show it, "
                + "in five minutes at the soonest.");
        return ExitCode.Done;
    }
}
