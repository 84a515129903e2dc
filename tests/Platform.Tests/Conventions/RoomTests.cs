namespace ZohoPlatform.Platform.Tests.Conventions;

/// <summary>Which room may know which: a reference that is not on this list is a decision, not an accident.</summary>
public sealed class RoomTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Contracts"] = [],
        ["ZohoPlatform.ServiceDefaults"] = [],
        ["Storage"] = ["Contracts", "ZohoPlatform.ServiceDefaults"],
        ["Sealing"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage"],
        ["Audit"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage"],
        ["Erasure"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage", "Audit"],
        ["Providers"] = ["Contracts", "ZohoPlatform.ServiceDefaults"],
        ["Events"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage"],
        ["Sync"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage"],
        ["TokenService"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage", "Sealing", "Audit", "Erasure", "Providers", "Events"],
        ["CampaignsService"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage", "Sealing", "Audit", "Erasure", "Providers", "Events", "Sync"],
        ["CrmService"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage", "Audit", "Erasure", "Providers", "Events", "Sync"],
        ["MessagingService"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage", "Sealing", "Audit", "Erasure", "Providers", "Events"],
        ["WebhookService"] = ["Contracts", "ZohoPlatform.ServiceDefaults", "Storage", "Sealing", "Audit", "Erasure", "Events"],
        ["Api"] = [],
        ["Gateway"] = ["Api", "Contracts", "ZohoPlatform.ServiceDefaults", "Storage", "Sealing", "Audit", "Erasure"],
        ["Client"] = ["Api", "Contracts"],
        ["Cli"] = ["Client"],
        ["LocalServers"] = [],
        ["Simulator"] = ["ZohoPlatform.ServiceDefaults"],
        // measures from outside what the services do and stand on, as processes; the servers and Zoho's part are those of the tests
        ["Bench"] = ["TokenService", "CampaignsService", "CrmService", "MessagingService", "Gateway", "Testing"],
        ["ZohoPlatform.AppHost"] = ["LocalServers", "Simulator", "TokenService", "CampaignsService", "CrmService", "MessagingService", "WebhookService", "Gateway"],
    };

    public static TheoryData<string> Rooms =>
        [.. Repository.Files
            .Where(file => file.EndsWith(".csproj", StringComparison.Ordinal) && !file.StartsWith("tests/", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file))];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_only_the_rooms_it_may_know(string room)
    {
        Assert.True(Allowed.TryGetValue(room, out var allowed), $"{room} is new: say here which rooms it may reference.");
        Assert.Empty(Repository.ProjectReferences[room].Except(allowed));
    }

    [Fact]
    public void Every_room_has_a_readme()
    {
        var rooms = Repository.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal) && file.StartsWith("src/", StringComparison.Ordinal))
            .Select(file => Path.GetDirectoryName(file)!.Replace('\\', '/'));

        Assert.Empty(rooms.Where(room => !Repository.Files.Contains($"{room}/README.md")));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("ZohoPlatform.sln").Replace('\\', '/');

        Assert.Empty(Repository.Files
            .Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(file => !solution.Contains($"\"{file}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_program_is_a_table_of_contents()
    {
        var programs = Repository.Files.Where(file =>
            file.EndsWith("/Program.cs", StringComparison.Ordinal) && file.StartsWith("src/", StringComparison.Ordinal));

        Assert.NotEmpty(programs);
        Assert.Empty(programs.Where(file => Repository.Read(file).Split('\n').Length > 20));
    }
}
