using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>The two ways into one service's database: the configured one, which prepares it, and the service's own, which works in it.</summary>
internal sealed class StorageConnections
{
    public StorageConnections(string name, string connectionString, string servicePassword)
    {
        var admin = new NpgsqlConnectionStringBuilder(connectionString);
        if (string.IsNullOrEmpty(admin.Database))
        {
            throw new InvalidOperationException($"ConnectionStrings:{name} names no Database.");
        }

        if (admin.NoResetOnClose)
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{name} says No Reset On Close: pooled connections would keep another tenant's identity. Remove it.");
        }

        // the last word counts: other options of the connection string stay
        admin.PinSession($"{admin.Options} -c search_path=public".TrimStart());
        Admin = admin.ConnectionString;
        Database = admin.Database;
        Service = new NpgsqlConnectionStringBuilder(Admin)
        {
            Username = ServiceRole,
            Password = servicePassword,
            // a failed command must not tell a log what was in the row
            IncludeErrorDetail = false,
        }.ConnectionString;
    }

    public string Database { get; }

    public string OwnerRole => $"{Database}_owner";

    public string ServiceRole => $"{Database}_service";

    public string Admin { get; }

    public string Service { get; }
}
