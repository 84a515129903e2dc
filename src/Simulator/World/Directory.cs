namespace ZohoPlatform.Simulator.World;

/// <summary>An app registered in Zoho's API console: one id everywhere, one secret per data centre that is switched on for it.</summary>
internal sealed record OAuthClient(
    string ClientId, string Name, IReadOnlyList<string> RedirectUris, IReadOnlyDictionary<string, string> Secrets);

/// <summary>A person with a Zoho account, living in one data centre.</summary>
internal sealed record ZohoUser(long Zuid, string DataCentre, string Email, string FirstName, string LastName, long OrganisationId)
{
    public string DisplayName => $"{FirstName} {LastName}".Trim();
}

internal sealed record ZohoOrganisation(long Id, string DataCentre, string Name);

/// <summary>Who is registered at the provider. Safe for many threads; what it hands out never changes.</summary>
internal sealed class Directory(StateChanges changes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OAuthClient> _clients = new(StringComparer.Ordinal);
    private readonly List<ZohoUser> _users = [];
    private readonly List<ZohoOrganisation> _organisations = [];

    public OAuthClient? FindClient(string? clientId)
    {
        lock (_gate)
        {
            return clientId is null ? null : _clients.GetValueOrDefault(clientId);
        }
    }

    public ZohoUser? FindUser(long zuid)
    {
        lock (_gate)
        {
            return _users.Find(user => user.Zuid == zuid);
        }
    }

    public ZohoOrganisation? FindOrganisation(long id)
    {
        lock (_gate)
        {
            return _organisations.Find(organisation => organisation.Id == id);
        }
    }

    public IReadOnlyList<ZohoUser> UsersOf(string dataCentre)
    {
        lock (_gate)
        {
            return _users.FindAll(user => user.DataCentre == dataCentre);
        }
    }

    /// <summary>An id above every user's and organisation's.</summary>
    public long NextId()
    {
        lock (_gate)
        {
            return Math.Max(_users.Max(user => (long?)user.Zuid) ?? 0, _organisations.Max(organisation => (long?)organisation.Id) ?? 0) + 1;
        }
    }

    public void Put(OAuthClient client)
    {
        lock (_gate)
        {
            _clients[client.ClientId] = client;
        }
        changes.Mark();
    }

    public void Add(ZohoOrganisation organisation)
    {
        lock (_gate)
        {
            _organisations.Add(organisation);
        }
        changes.Mark();
    }

    public void Add(ZohoUser user)
    {
        lock (_gate)
        {
            _users.Add(user);
        }
        changes.Mark();
    }

    public DirectorySnapshot Snapshot()
    {
        lock (_gate)
        {
            return new([.. _clients.Values], [.. _users], [.. _organisations]);
        }
    }

    public void Restore(DirectorySnapshot snapshot)
    {
        lock (_gate)
        {
            _clients.Clear();
            _users.Clear();
            _organisations.Clear();
            foreach (var client in snapshot.Clients)
            {
                _clients[client.ClientId] = client;
            }

            _users.AddRange(snapshot.Users);
            _organisations.AddRange(snapshot.Organisations);
        }
        changes.Mark();
    }
}

internal sealed record DirectorySnapshot(
    IReadOnlyList<OAuthClient> Clients, IReadOnlyList<ZohoUser> Users, IReadOnlyList<ZohoOrganisation> Organisations);
