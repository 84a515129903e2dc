using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace ZohoPlatform.Sealing;

/// <summary>Where the key ring lives: the service's own database, every key wrapped by the master key.</summary>
#pragma warning disable RS0030 // Data Protection's interface is synchronous: asked at the start and when a key was added
internal sealed class KeyRing(SealingDatabase db) : IXmlRepository
{
    /// <summary>Says that there is another key.</summary>
    public const string Channel = "key_ring";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = db.DataSource.CreateCommand("SELECT xml FROM key_ring ORDER BY id");
        using var reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read())
        {
            elements.Add(XElement.Parse(reader.GetString(0)));
        }

        return elements;
    }

    /// <summary>Grows with every key; 0 where there is none.</summary>
    public long LastId()
    {
        using var command = db.DataSource.CreateCommand("SELECT coalesce(max(id), 0) FROM key_ring");
        return (long)command.ExecuteScalar()!;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = db.DataSource.CreateCommand(
            $"""
            WITH added AS (INSERT INTO key_ring (name, master_key_id, xml) VALUES ($1, $2, $3) RETURNING id)
            SELECT pg_notify('{Channel}', '') FROM added
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = friendlyName });
        command.Parameters.Add(
            new NpgsqlParameter
            {
                Value = (object?)MasterKeys.WrapperOf(element) ?? DBNull.Value,
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text,
            });
        command.Parameters.Add(new NpgsqlParameter { Value = element.ToString(SaveOptions.DisableFormatting) });
        command.ExecuteNonQuery();
    }
}
